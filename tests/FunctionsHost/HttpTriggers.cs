using Microsoft.Azure.Functions.Worker;

namespace Leyden.FunctionsHost;

/// <summary>
/// Functions that requests set off, as endpoints. As on the real host, a path or method that no function has is an empty 404, and what a
/// function throws is an empty 500.
/// </summary>
internal static partial class HttpTriggers
{
    /// <summary>Maps the functions.</summary>
    public static void Map(WebApplication app, IEnumerable<FunctionMethod> functions)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(HttpTriggers).FullName!);
        app.Use(
            async (context, next) =>
            {
                await next(context);
                if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
                {
                    context.Response.Headers.Clear();
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                }
            }
        );
        app.UseRouting();
        foreach (var function in functions)
        {
            if (function.Trigger is HttpTriggerAttribute trigger)
            {
                app.MapMethods(
                    trigger.Route ?? function.Name,
                    trigger.Methods ?? [],
                    (RequestDelegate)(
                        context => ServeAsync(context, function, logger, app.Lifetime.ApplicationStopping)
                    )
                );
            }
        }
    }

    private static async Task ServeAsync(
        HttpContext context,
        FunctionMethod function,
        ILogger logger,
        CancellationToken stopping
    )
    {
        try
        {
            var routeValues = context.Request.RouteValues.ToDictionary(StringComparer.OrdinalIgnoreCase);
            var result = await function.InvokeAsync(context.RequestServices, context.Request, routeValues, stopping);
            if (result is IResult answer)
            {
                await answer.ExecuteAsync(context);
            }
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            Log.Failed(logger, e, function.Name);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Exception while executing function: Functions.{Function}")]
        public static partial void Failed(ILogger logger, Exception reason, string function);
    }
}
