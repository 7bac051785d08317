namespace Leyden.Net;

/// <summary>A URL from outside leads to an address that must not be called.</summary>
public sealed class ForbiddenAddressException(string host)
    : Exception(
        $"{host} is not on the public internet. Leyden:AllowLoopback permits this machine itself, Leyden:AllowedHosts named hosts."
    )
{
    /// <summary>Whether a failed request failed for this.</summary>
    public static bool IsCauseOf(HttpRequestException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.InnerException is ForbiddenAddressException;
    }
}
