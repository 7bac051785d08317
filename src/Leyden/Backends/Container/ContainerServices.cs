using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Leyden.Backends.Container;

/// <summary>Registers the container backend.</summary>
public static class ContainerServices
{
    /// <summary>Whether a container is configured.</summary>
    public static bool IsConfigured(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return !string.IsNullOrWhiteSpace(
            configuration[$"{ContainerOptions.Section}:{nameof(ContainerOptions.BaseUrl)}"]
        );
    }

    /// <summary>
    /// Registers the backend <c>container</c> with its options (section <c>Leyden:Container</c>), validated at start, when its address is
    /// configured. A registered <see cref="IContainerTokens"/> signs its requests.
    /// </summary>
    public static IServiceCollection AddContainerBackend(this IServiceCollection services, IConfiguration configuration)
    {
        if (!IsConfigured(configuration))
        {
            return services;
        }

        services
            .AddOptions<ContainerOptions>()
            .BindConfiguration(ContainerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IContainerTokens, NoContainerTokens>();
        services.AddSingleton<CogClient>();
        services.AddSingleton<IBackend, ContainerBackend>();

        // All time limits are the caller's (CogClient): they include connecting and the answer's body.
        services
            .AddHttpClient(CogClient.HttpClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true) // they may carry a token
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false, // a token goes to the configured host only
                    UseCookies = false,
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                    MaxResponseHeadersLength = 64, // kilobytes
                }
            );
        return services;
    }
}
