namespace Leyden.Backends.Container;

/// <summary>Gives what a container behind a sign-in wants to see. Cog itself has none.</summary>
public interface IContainerTokens
{
    /// <summary>A bearer token that is valid now; null to send none.</summary>
    ValueTask<string?> GetAsync(CancellationToken cancellationToken);
}

/// <summary>For containers that nobody but this deployment can reach.</summary>
internal sealed class NoContainerTokens : IContainerTokens
{
    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);
}
