using Microsoft.DurableTask.Testing.Sidecar;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>The engine of Microsoft's in-process test host, without its gRPC server.</summary>
public sealed class InMemoryEngine : Engine
{
    public override string Name => "in-memory";

    public override Task<OwnedEngine> CreateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new OwnedEngine(new InMemoryOrchestrationService(), () => ValueTask.CompletedTask));
}
