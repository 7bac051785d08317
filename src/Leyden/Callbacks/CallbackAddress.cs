using Leyden.Net;
using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Callbacks;

/// <summary>Where a backend is asked to report the end of a prediction.</summary>
public sealed class CallbackAddress(
    CallbackTokens tokens,
    DeploymentAddress deployment,
    IOptions<NetworkOptions> network
)
{
    /// <summary>The path below the deployment's root, without slashes around it; the token follows.</summary>
    public const string Path = "v1/callbacks";

    /// <summary>Whether backends can reach this deployment: its public address is configured, and is one that keeps tokens secret.</summary>
    public bool IsReachable { get; } =
        deployment.Public is { } root
        && (network.Value.AllowLoopback || root.StartsWith("https://", StringComparison.OrdinalIgnoreCase));

    /// <summary>The URL for one prediction. Whoever knows it can make us look at that prediction, so it is not to be logged.</summary>
    /// <exception cref="InvalidOperationException">Backends can not reach this deployment.</exception>
    public async ValueTask<Uri> OfAsync(Prediction prediction, CancellationToken cancellationToken) =>
        IsReachable
            ? new Uri(
                $"{deployment.Public}/{Path}/{await tokens.MakeAsync(prediction.Owner, prediction.Id, cancellationToken)}"
            )
            : throw new InvalidOperationException("This deployment has no address that backends can call.");
}
