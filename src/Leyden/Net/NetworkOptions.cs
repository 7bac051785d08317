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
}
