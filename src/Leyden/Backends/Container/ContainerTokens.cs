using Azure.Core;
using Azure.Identity;
using Leyden.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Container;

/// <summary>
/// Tokens of the deployment's own identity for the container's door. One is kept until shortly before it expires, and fetched once however
/// many ask at the time; who gives up waiting does not stop it for the others.
/// </summary>
internal sealed partial class ContainerTokens(
    DeploymentIdentity identity,
    IOptions<ContainerOptions> options,
    TimeProvider timeProvider,
    ILogger<ContainerTokens> logger
) : IContainerTokens
{
    /// <summary>How long before its end a token is replaced: longer than a run may take.</summary>
    internal static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly TokenRequestContext _wanted = new([$"{options.Value.Audience}/.default"]);
    private AccessToken _kept;
    private Task<string>? _fetch;

    /// <inheritdoc/>
    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        Task<string> fetch;
        lock (_gate)
        {
            if (timeProvider.GetUtcNow() + Margin < _kept.ExpiresOn)
            {
                return _kept.Token;
            }

            fetch = _fetch ??= Task.Run(FetchAsync, CancellationToken.None);
        }

        return await fetch.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> RenewAsync(string rejected, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_kept.Token == rejected)
            {
                _kept = default;
            }
        }

        try
        {
            // The identity keeps tokens as well: the same again would be turned away again.
            return await GetAsync(cancellationToken) is { } token && token != rejected ? token : null;
        }
        catch (ContainerTokenException)
        {
            return null;
        }
    }

    private async Task<string> FetchAsync()
    {
        using var timeout = new CancellationTokenSource(TimeLimit, timeProvider);
        try
        {
            var token = await identity.Credential.GetTokenAsync(_wanted, timeout.Token);
            lock (_gate)
            {
                _kept = token;
            }

            return token.Token;
        }
        catch (Exception fault) when (Describe(fault) is { } reason)
        {
            Log.NoToken(logger, fault, options.Value.Audience!);
            lock (_gate)
            {
                return timeProvider.GetUtcNow() < _kept.ExpiresOn
                    ? _kept.Token
                    : throw new ContainerTokenException(reason, fault);
            }
        }
        finally
        {
            lock (_gate)
            {
                _fetch = null;
            }
        }
    }

    private static string? Describe(Exception fault) =>
        fault switch
        {
            CredentialUnavailableException => "this host has no identity that could ask for one",
            AuthenticationFailedException => "its identity was refused one",
            OperationCanceledException => $"none came within {TimeLimit.TotalSeconds:0} s",
            _ => null,
        };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No token for {Audience} (Leyden:Container:Audience)")]
        public static partial void NoToken(ILogger logger, Exception fault, string audience);
    }
}
