namespace Leyden.Backends.Container;

/// <summary>Gives what a container behind a sign-in wants to see. Cog itself has none.</summary>
public interface IContainerTokens
{
    /// <summary>A bearer token that is valid now; null to send none.</summary>
    /// <exception cref="ContainerTokenException">There is none to be had.</exception>
    ValueTask<string?> GetAsync(CancellationToken cancellationToken);

    /// <summary>A token in place of one that was turned away.</summary>
    /// <returns>Another one; null when there is no other.</returns>
    ValueTask<string?> RenewAsync(string rejected, CancellationToken cancellationToken);
}

/// <summary>For containers that nobody but this deployment can reach.</summary>
internal sealed class NoContainerTokens : IContainerTokens
{
    public static NoContainerTokens Instance { get; } = new();

    public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    public ValueTask<string?> RenewAsync(string rejected, CancellationToken cancellationToken) =>
        ValueTask.FromResult<string?>(null);
}

/// <summary>There is no token for the container's door. The message is for people, in the middle of a sentence.</summary>
public sealed class ContainerTokenException(string message, Exception inner) : Exception(message, inner);
