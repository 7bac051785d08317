using System.Collections.Concurrent;
using Azure.Core;
using Leyden.Emulators.Cog;

namespace Leyden.Tests.Backends.Container;

/// <summary>An identity whose tokens are the emulator's: good ones, unless the test says which come first.</summary>
internal sealed class PlayedIdentity(CogEmulator emulator) : TokenCredential
{
    private int _asked;

    /// <summary>How often it was asked.</summary>
    public int Asked => _asked;

    /// <summary>The scopes that it was asked for.</summary>
    public ConcurrentQueue<string> Scopes { get; } = new();

    /// <summary>What it gives first, first come first; throws what is an exception.</summary>
    public ConcurrentQueue<object> First { get; } = new();

    /// <summary>Held back until this is done.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException("It is asked asynchronously.");

    public override async ValueTask<AccessToken> GetTokenAsync(
        TokenRequestContext requestContext,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref _asked);
        var scope = Assert.Single(requestContext.Scopes);
        Scopes.Enqueue(scope);
        await Gate.WaitAsync(cancellationToken);
        var hour = TimeSpan.FromHours(1);
        var now = TimeProvider.System.GetUtcNow();
        return First.TryDequeue(out var first)
            ? first switch
            {
                Exception fault => throw fault,
                AccessToken token => token,
                _ => new AccessToken((string)first, now + hour),
            }
            : new AccessToken(emulator.IssueToken(scope[..^"/.default".Length], hour), now + hour);
    }
}
