namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>The provider under test, on a file of its own.</summary>
public sealed class SqliteEngine : Engine
{
    public override string Name => "SQLite";

    public override Task<OwnedEngine> CreateAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("leyden-conformance-");
        var service = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = Path.Combine(folder.FullName, "orchestrations.db") }
        );
        return Task.FromResult(
            new OwnedEngine(
                service,
                async () =>
                {
                    await service.DisposeAsync();
                    folder.Delete(recursive: true);
                }
            )
        );
    }
}
