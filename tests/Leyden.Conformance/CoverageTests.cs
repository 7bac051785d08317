using Leyden.Conformance.Hosts;

namespace Leyden.Conformance;

public sealed class CoverageTests
{
    [Fact]
    public void Every_area_of_the_suite_runs_on_every_host()
    {
        var types = typeof(CoverageTests).Assembly.GetTypes();
        var hosts = types.Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(Host))).ToList();
        var areas = types.Where(type => type.IsAbstract && HasBase(type, typeof(Suite<>))).ToList();
        var wanted = areas.SelectMany(area => hosts.Select(host => area.MakeGenericType(host)));

        var missing = wanted.Except(types.Where(type => !type.IsAbstract).Select(type => type.BaseType));

        Assert.NotEmpty(areas);
        Assert.NotEmpty(hosts);
        Assert.Empty(missing.Select(type => type!.ToString()));
    }

    [Fact]
    public async Task The_documentation_lists_the_differences_that_the_tests_allow()
    {
        var document = await File.ReadAllLinesAsync(Document, TestContext.Current.CancellationToken);

        var rows = document
            .SkipWhile(line => !line.StartsWith("| difference |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(row => row.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1], cells[2]));

        Assert.Equal(HostDifferences.All.Select(one => (one.Title, one.Reason)).Order(), rows.Order());
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

            return Path.Combine(folder.FullName, "docs", "host-differences.md");
        }
    }

    private static bool HasBase(Type type, Type definition) =>
        type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == definition;
}
