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

    private static bool HasBase(Type type, Type definition) =>
        type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == definition;
}
