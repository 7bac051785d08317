namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public sealed class CoverageTests
{
    private static readonly Type[] Engines = [typeof(SqliteEngine), typeof(InMemoryEngine), typeof(AzureStorageEngine)];

    [Fact]
    public void Every_topic_of_the_suite_runs_on_every_engine()
    {
        var types = typeof(CoverageTests).Assembly.GetTypes();
        var topics = types.Where(type => type.IsAbstract && HasBase(type, typeof(Suite<>))).ToList();
        var wanted = topics.SelectMany(topic => Engines.Select(engine => topic.MakeGenericType(engine)));

        var missing = wanted.Except(types.Where(type => !type.IsAbstract).Select(type => type.BaseType));

        Assert.NotEmpty(topics);
        Assert.Empty(missing.Select(type => type!.ToString()));
    }

    [Fact]
    public async Task The_documentation_lists_the_differences_that_the_facts_allow()
    {
        var document = await File.ReadAllLinesAsync(Document, TestContext.Current.CancellationToken);

        var rows = document
            .SkipWhile(line => !line.StartsWith("| difference |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(row => row.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1], cells[2]));

        var allowed = EngineDifferences.All.Select(one => (one.Title, string.Join(", ", one.Engines)));
        Assert.Equal(allowed.Order(), rows.Order());
    }

    private static string Document
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Functions.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
            }

            return Path.Combine(folder.FullName, "docs", "engine-differences.md");
        }
    }

    private static bool HasBase(Type type, Type definition) =>
        type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == definition;
}
