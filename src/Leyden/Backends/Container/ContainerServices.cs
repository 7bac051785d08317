using Leyden.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

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
    /// Registers the backend <c>container</c> when its address is configured; its options (section <c>Leyden:Container</c>) are validated
    /// at start in any case. A registered <see cref="IContainerTokens"/> signs its requests in place of the deployment's identity.
    /// </summary>
    public static IServiceCollection AddContainerBackend(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddOptions<ContainerOptions>()
            .BindConfiguration(ContainerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (!IsConfigured(configuration))
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DeploymentIdentity>();
        services.TryAddSingleton<IContainerTokens>(provider =>
            provider.GetRequiredService<IOptions<ContainerOptions>>().Value.HasDoor
                ? ActivatorUtilities.CreateInstance<ContainerTokens>(provider)
                : NoContainerTokens.Instance
        );
        services.AddSingleton<CogClient>();
        services.AddSingleton<IBackend, ContainerBackend>();

        // All time limits are the caller's (CogClient): they include connecting and the answer's body.
        services
            .AddHttpClient(CogClient.HttpClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true) // they may carry a token
            .ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a token goes to the configured host only
                UseProxy = !IsLoopback(provider.GetRequiredService<IOptions<ContainerOptions>>().Value),
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                MaxResponseHeadersLength = 64, // kilobytes
            });
        return services;
    }

    private static bool IsLoopback(ContainerOptions options) => new Uri(options.BaseUrl!).IsLoopback;
}
