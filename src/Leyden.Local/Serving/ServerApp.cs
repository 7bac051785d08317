using Leyden.Api;
using Leyden.Api.Eachlabs;
using Leyden.Api.Telemetry;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Console;

namespace Leyden.Local.Serving;

/// <summary>The web application: Kestrel, the routes of both hosts, the pictures.</summary>
internal static class ServerApp
{
    private const long MaxBodyBytes = 1024 * 1024;

    /// <summary>Builds it, without starting it.</summary>
    public static WebApplication Create(IConfigurationRoot configuration, DataFolder data, ListenAddress address)
    {
        // Empty: no appsettings files, no development extras, nothing that makes the start slower.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddConfiguration(configuration);
        AddLogging(builder);
        builder.WebHost.UseKestrelCore().UseUrls([.. address.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.Services.AddRoutingCore();
        builder.AddLeyden(data);
        builder.Services.AddLeydenApi();
        builder.Services.AddHostedService<UpkeepService>();
        builder.Services.AddHostedService<QueueListener>();
        if (OtlpSignals.Read(builder.Configuration).Any)
        {
            AddTelemetry(builder);
        }

        var app = builder.Build();
        if (!LocalConfiguration.HasKeys(configuration))
        {
            app.Use(RefusePagesAsync);
        }

        app.UseStatusCodePages(context =>
            WriteErrorAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Words(context.HttpContext))
        );
        Map(app);
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        builder.Logging.AddFilter("DurableTask", LogLevel.Warning);
        builder.Logging.AddFilter("Leyden.DurableTask", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });
    }

    // A method of its own, so that none of it is loaded when nothing is exported.
    private static void AddTelemetry(WebApplicationBuilder builder) =>
        builder.Services.AddLeydenTelemetry().WithServer().ExportOtlp(builder.Configuration);

    private static void Map(WebApplication app)
    {
        var gate = app.Services.GetRequiredService<ApiGate>();
        var client = app.Services.GetRequiredService<DurableTaskClient>();
        foreach (var route in ApiRoutes.All)
        {
            app.MapMethods(
                route.Pattern,
                route.Methods,
                (RequestDelegate)(
                    async context => await (await gate.InvokeAsync(route, context, client)).ExecuteAsync(context)
                )
            );
        }
    }

    private static Task RefusePagesAsync(HttpContext context, RequestDelegate next) =>
        LocalCallersOnly.Allows(context.Request)
            ? next(context)
            : WriteErrorAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This server has no keys: it only serves programs that call it as localhost."
            );

    private static string Words(HttpContext context) =>
        context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address.",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible at this address.",
            var status => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        };

    private static Task WriteErrorAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return Results
            .Json(EachlabsDialect.WriteError(new ApiException(status, message)), statusCode: status)
            .ExecuteAsync(context);
    }
}
