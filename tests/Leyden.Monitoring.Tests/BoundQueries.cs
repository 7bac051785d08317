using Leyden.Monitoring.Tests;

[assembly: AssemblyFixture(typeof(BoundQueries))]
[assembly: AssemblyFixture(typeof(ExportedTelemetry))] // one: a provider of metrics hears every meter of its name in the process

namespace Leyden.Monitoring.Tests;

/// <summary>The queries of the repository, bound once for all tests.</summary>
public sealed class BoundQueries : IAsyncLifetime
{
    /// <summary>Where a query is, to what the language service makes of it.</summary>
    public IReadOnlyDictionary<string, BoundQuery> All { get; private set; } = new Dictionary<string, BoundQuery>();

    /// <summary>Those that ask a table, among others perhaps.</summary>
    public IReadOnlyDictionary<string, BoundQuery> Of(string table)
    {
        var found = All.Where(q => q.Value.Tables.Contains(table)).ToDictionary();
        Assert.NotEmpty(found);
        return found;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        All = await BoundQuery.BindAsync(MonitoringQueries.All(), TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
