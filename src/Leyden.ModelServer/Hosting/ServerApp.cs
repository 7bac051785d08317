using Leyden.ModelServer.Health;
using Leyden.ModelServer.Http;
using Leyden.ModelServer.Loading;
using Leyden.ModelServer.Predictions;
using Leyden.ModelServer.Webhooks;
using Leyden.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Hosting;

/// <summary>The web application.</summary>
internal static class ServerApp
{
    // Larger bodies cut the connection before their sender has read why; up to here they are read, dropped and refused.
    private const long MaxDroppedBytes = 8L * RequestReader.MaxBytes;
    private const long MaxConnections = 2000;

    /// <summary>Builds it, without starting it.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="urls">Where to listen.</param>
    /// <param name="replace">Puts other services in the place of these.</param>
    public static WebApplication Create(
        IConfiguration configuration,
        IEnumerable<string> urls,
        Action<IServiceCollection>? replace = null
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddConfiguration(configuration);
        AddLogging(builder);
        builder.WebHost.UseKestrelCore().UseUrls([.. urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxDroppedBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        });
        builder.Services.AddRoutingCore();
        AddOptions(builder.Services, builder.Configuration);
        AddModel(builder.Services);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<PredictionRoutes>().Map(app);
        app.Services.GetRequiredService<ServiceRoutes>().Map(app);
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        // What the host says about a failed start is thrown as well, and shown by whoever catches it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConsole();
    }

    private static void AddOptions(IServiceCollection services, ConfigurationManager configuration)
    {
        services
            .AddOptions<ModelSourceOptions>()
            .BindConfiguration(ModelSourceOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<ModelServerOptions>()
            .BindConfiguration(ModelServerOptions.Section)
            .PostConfigure(server => server.WebhookToken ??= configuration["WEBHOOK_AUTH_TOKEN"])
            .ValidateDataAnnotations()
            .Validate<IOptions<NetworkOptions>>(
                (server, network) => server.WebhookToken is null || network.Value.AllowedHosts is not null,
                $"{ModelServerOptions.Section}:WebhookToken is set, but Leyden:AllowedHosts names no host that may get it."
            )
            .ValidateOnStart();
        services
            .AddOptions<HostOptions>()
            .Configure<IOptions<ModelServerOptions>>(
                (host, server) => host.ShutdownTimeout = server.Value.StopTime + GracefulStop.Moment
            );
    }

    private static void AddModel(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Randomness.Create());
        services.AddOutboundHttpClient(WebhookSender.HttpClientName);
        services.AddSingleton<SetupLog>();
        services.AddSingleton<ModelDownload>();
        services.AddSingleton<IModelLoader, SdxlModelLoader>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookCouriers>();
        services.AddSingleton<RecentPredictions>();
        services.AddSingleton<PredictionRunner>();
        services.AddSingleton<PredictionDesk>();
        services.AddSingleton<ModelSetup>();
        services.AddSingleton<ServerHealth>();
        services.AddSingleton<OpenApiDocument>();
        services.AddSingleton<RequestReader>();
        services.AddSingleton<PredictionRoutes>();
        services.AddSingleton<ServiceRoutes>();
        services.AddHostedService<GracefulStop>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelSetup>());
    }
}
