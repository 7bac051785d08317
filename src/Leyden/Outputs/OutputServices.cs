using Leyden.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Leyden.Outputs;

/// <summary>Registers the fetching of outputs.</summary>
public static class OutputServices
{
    /// <summary>Registers <see cref="OutputFetcher"/> with its options, validated at start. Needs an object store and a configuration.</summary>
    public static IServiceCollection AddOutputFetching(this IServiceCollection services)
    {
        services
            .AddOptions<OutputOptions>()
            .BindConfiguration(OutputOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOutboundHttpClient(OutputFetcher.HttpClientName);
        services.AddSingleton<OutputWriter>();
        services.AddSingleton<OutputFetcher>();
        return services;
    }
}
