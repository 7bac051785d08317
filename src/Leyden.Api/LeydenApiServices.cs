using Leyden.Api.Access;
using Leyden.Api.Eachlabs;
using Leyden.Api.Health;
using Leyden.Api.Outputs;
using Leyden.Api.Webhooks;
using Leyden.Notifications;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Api;

/// <summary>What both hosts register of the API.</summary>
public static class LeydenApiServices
{
    /// <summary>Registers the dialects, the door and the keys on top of the core.</summary>
    public static IServiceCollection AddLeydenApi(this IServiceCollection services)
    {
        services.AddOptions<ApiOptions>().BindConfiguration("Leyden").ValidateDataAnnotations().ValidateOnStart();
        services.AddAccess();
        services.AddSingleton<ApiGate>();
        services.AddSingleton<Links>();
        services.AddSingleton<EachlabsEndpoints>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<IPredictionWriter, PublicPredictionWriter>();
        services.AddOutputUrls();
        services.AddSingleton<OutputEndpoints>();
        return services;
    }
}
