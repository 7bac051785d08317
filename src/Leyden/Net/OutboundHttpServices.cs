using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Leyden.Net;

/// <summary>Registers HTTP clients for URLs that came from outside.</summary>
public static class OutboundHttpServices
{
    /// <summary>
    /// Registers a named client that reaches public addresses only (see <see cref="NetworkOptions"/>), follows no redirect, uses
    /// no proxy and keeps no cookies. It has no time limit of its own: the caller sets one for each request, its body included.
    /// </summary>
    public static IHttpClientBuilder AddOutboundHttpClient(this IServiceCollection services, string name)
    {
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section);
        services.TryAddSingleton<HostResolver>();
        services.TryAddSingleton<OutboundConnector>();
        return services
            .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true)
            .ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
            {
                ConnectCallback = provider.GetRequiredService<OutboundConnector>().ConnectAsync,
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false, // a proxy would resolve and connect in our place, unchecked
                ConnectTimeout = TimeSpan.FromSeconds(10),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                MaxResponseHeadersLength = 64, // kilobytes
            });
    }
}
