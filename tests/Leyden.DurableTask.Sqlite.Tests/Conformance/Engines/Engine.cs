using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>A kind of Durable Task engine that the conformance suite runs on.</summary>
public abstract class Engine
{
    /// <summary>As it appears in <see cref="EngineDifferences"/> and in the documentation.</summary>
    public abstract string Name { get; }

    /// <summary>Makes an empty engine, which shares nothing with those made before.</summary>
    public abstract Task<OwnedEngine> CreateAsync(CancellationToken cancellationToken);
}

/// <summary>An engine and what is to be released after its worker has stopped.</summary>
public sealed record OwnedEngine(IOrchestrationService Service, Func<ValueTask> ReleaseAsync);
