namespace Leyden.Backends;

/// <summary>Words for requests to backends that got no answer.</summary>
internal static class HttpFaults
{
    /// <summary>What happened, by the kind of the failure: messages of exceptions may repeat what was sent.</summary>
    public static string Describe(HttpRequestException fault) =>
        fault.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "the host's name is unknown",
            HttpRequestError.ConnectionError => "the connection was not made",
            HttpRequestError.SecureConnectionError => "the TLS handshake failed",
            HttpRequestError.ProxyTunnelError => "the proxy refused the connection",
            HttpRequestError.ConfigurationLimitExceeded => "the answer was longer than 1 MB",
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "the answer was not HTTP",
            _ => "the connection broke before the answer",
        };
}
