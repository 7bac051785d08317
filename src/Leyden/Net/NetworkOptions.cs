namespace Leyden.Net;

/// <summary>Which addresses may be called when the URL came from outside. Configuration section <c>Leyden</c>.</summary>
public sealed class NetworkOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden";

    /// <summary>
    /// Whether downloads and webhooks may go to this machine itself (127.0.0.0/8 and ::1). For development and tests.
    /// Other private addresses stay forbidden. Default: false.
    /// </summary>
    public bool AllowLoopback { get; set; }

    /// <summary>
    /// Names of hosts, separated by commas, that downloads and webhooks may go to whatever their addresses are. For development, where
    /// a receiver is on a private network. Default: none.
    /// </summary>
    public string? AllowedHosts { get; set; }

    /// <summary>Whether <see cref="AllowedHosts"/> names a host.</summary>
    public bool Allows(string host) =>
        AllowedHosts is not null
        && AllowedHosts
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase);
}
