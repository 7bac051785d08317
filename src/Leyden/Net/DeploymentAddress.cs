using Microsoft.Extensions.Options;

namespace Leyden.Net;

/// <summary>The addresses of this deployment, without a slash at the end.</summary>
public sealed class DeploymentAddress(IOptions<PublicAddressOptions> options)
{
    private volatile string? _listening;

    /// <summary>Where others reach it (<see cref="PublicAddressOptions.PublicBaseUrl"/>); null when that is not configured.</summary>
    public string? Public { get; } = options.Value.PublicBaseUrl?.TrimEnd('/');

    /// <summary>
    /// The best that is known without a request: <see cref="Public"/>, else where the host listens, which may only be reachable from
    /// this machine; null when the host has not said that.
    /// </summary>
    public string? Known => Public ?? _listening;

    /// <summary>The host tells where it listens, once it does.</summary>
    public void ListensAt(Uri address) => _listening = address.GetLeftPart(UriPartial.Authority);
}
