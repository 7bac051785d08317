using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Access;

/// <summary>Puts the keys into a host.</summary>
public static class AccessServiceCollectionExtensions
{
    /// <summary>Registers <see cref="CallerIdentifier"/> by <see cref="AccessOptions"/>, which are checked when the host starts.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services
            .AddOptions<AccessOptions>()
            .Configure<IConfiguration>(
                (options, configuration) =>
                {
                    foreach (var entry in configuration.GetSection(AccessOptions.Section).GetChildren())
                    {
                        options.Hashes[entry.Key] = entry.Value;
                    }
                }
            )
            .ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>()
        );
        services.TryAddSingleton<CallerIdentifier>();
        return services;
    }
}
