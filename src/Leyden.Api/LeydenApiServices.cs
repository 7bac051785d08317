using Leyden.Api.Access;
using Leyden.Api.Batches;
using Leyden.Api.Callbacks;
using Leyden.Api.Eachlabs;
using Leyden.Api.Health;
using Leyden.Api.Intake;
using Leyden.Api.Outputs;
using Leyden.Api.Streaming;
using Leyden.Api.Webhooks;
using Leyden.Notifications;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Leyden.Api;

/// <summary>What both hosts register of the API.</summary>
public static class LeydenApiServices
{
    /// <summary>Registers the dialects, the door and the keys on top of the core.</summary>
    public static IServiceCollection AddLeydenApi(this IServiceCollection services)
    {
        services.AddOptions<ApiOptions>().BindConfiguration("Leyden").ValidateDataAnnotations().ValidateOnStart();
        services.PostConfigure<LoggerFilterOptions>(KeepTokensOutOfLogs);
        services.AddAccess();
        services.AddSingleton<ApiGate>();
        services.AddSingleton<Links>();
        services.AddSingleton<EachlabsEndpoints>();
        services.AddSingleton<CallbackEndpoints>();
        services.AddOptions<StreamOptions>().BindConfiguration("Leyden").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SharedBooks>();
        services.AddSingleton<PredictionFeed>();
        services.AddSingleton<StreamEndpoints>();
        services.AddSingleton<BatchEndpoints>();
        services.AddSingleton<EventEndpoints>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<WebhookEndpoints>();
        services.AddSingleton<IPredictionWriter, PublicPredictionWriter>();
        services.AddOutputUrls();
        services.AddSingleton<OutputEndpoints>();
        return services;
    }

    // These write the paths of requests, and the tokens in some of them are permissions. The first also puts the path into the scope of
    // every other log line as long as it is enabled for anything at all; requests show in traces and metrics.
    private static void KeepTokensOutOfLogs(LoggerFilterOptions options)
    {
        Limit("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        Limit("Microsoft.AspNetCore.Routing.Matching", LogLevel.Warning);

        void Limit(string category, LogLevel level) =>
            options.Rules.Add(new LoggerFilterRule(null, category, level, null));
    }
}
