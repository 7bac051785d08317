using System.Text.Json.Nodes;
using Leyden.ModelServer.Health;
using Leyden.ModelServer.Loading;

namespace Leyden.ModelServer.Http;

/// <summary>The routes that tell of the server itself, and the one that ends it.</summary>
internal sealed partial class ServiceRoutes(
    ServerHealth health,
    ModelSetup setup,
    OpenApiDocument openApi,
    IHostApplicationLifetime lifetime,
    ILogger<ServiceRoutes> logger
)
{
    /// <summary>This server's version, in the place of Cog's.</summary>
    public static readonly string Version = $"leyden-{typeof(ServiceRoutes).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (RequestDelegate)(http => Answers.JsonAsync(http, StatusCodes.Status200OK, Discovery())));
        routes.MapGet("/health-check", (RequestDelegate)CheckAsync);
        routes.MapGet("/healthz", (RequestDelegate)(http => ProbeAsync(http, s => s != HealthReport.Defunct)));
        routes.MapGet(
            "/readyz",
            (RequestDelegate)(http => ProbeAsync(http, s => s is HealthReport.Ready or HealthReport.Busy))
        );
        routes.MapGet(
            "/openapi.json",
            (RequestDelegate)(http => Answers.JsonAsync(http, StatusCodes.Status200OK, openApi.Write()))
        );
        routes.MapGet("/docs", (RequestDelegate)SendToDescription);
        routes.MapPost("/shutdown", (RequestDelegate)ShutDownAsync);
    }

    private static JsonObject Discovery() =>
        new()
        {
            ["cog_version"] = Version,
            ["docs_url"] = "/docs",
            ["openapi_url"] = "/openapi.json",
            ["shutdown_url"] = "/shutdown",
            ["healthcheck_url"] = "/health-check",
            ["predictions_url"] = "/predictions",
            ["predictions_idempotent_url"] = "/predictions/{prediction_id}",
            ["predictions_cancel_url"] = "/predictions/{prediction_id}/cancel",
            ["predictions_read_url"] = "/predictions/{prediction_id}",
        };

    private Task CheckAsync(HttpContext http)
    {
        var report = health.Report();
        var body = new JsonObject { ["status"] = report.Status };
        if (setup.Progress is { } progress)
        {
            body["setup"] = Write(progress, setup.Logs);
        }

        body["version"] = new JsonObject { ["coglet"] = Version };
        if (setup.Model is { Model: var model })
        {
            body["model"] = new JsonObject
            {
                ["name"] = model.Name,
                ["sha256"] = model.Sha256,
                ["notice"] = model.Notice,
            };
        }

        if (report.Reason is not null)
        {
            body["user_healthcheck_error"] = report.Reason;
        }

        return Answers.JsonAsync(http, StatusCodes.Status200OK, body);
    }

    private static JsonObject Write(SetupProgress progress, string logs)
    {
        var body = new JsonObject { ["started_at"] = progress.StartedAt };
        if (progress.CompletedAt is { } at)
        {
            body["completed_at"] = at;
        }

        body["status"] =
            progress.HasFailed ? "failed"
            : progress.CompletedAt is null ? "starting"
            : "succeeded";
        body["logs"] = logs;
        return body;
    }

    private Task ProbeAsync(HttpContext http, Func<string, bool> isGood)
    {
        var status = health.Report().Status;
        return Answers.JsonAsync(
            http,
            isGood(status) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new JsonObject { ["status"] = status }
        );
    }

    private static Task SendToDescription(HttpContext http)
    {
        http.Response.Redirect("/openapi.json");
        return Task.CompletedTask;
    }

    private Task ShutDownAsync(HttpContext http)
    {
        Log.Asked(logger);
        http.Response.OnCompleted(() =>
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        });
        return Answers.JsonAsync(http, StatusCodes.Status200OK, []);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Asked to shut down")]
        public static partial void Asked(ILogger logger);
    }
}
