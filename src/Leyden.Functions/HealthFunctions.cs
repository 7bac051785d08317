using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Leyden.Functions;

/// <summary>Tells a load balancer that the worker process is alive.</summary>
public static class HealthFunctions
{
    /// <summary>Answers 200 while the process runs; touches no storage.</summary>
    [Function("Health")]
    public static IResult Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request
    ) => Results.Json(new { status = "ok" });
}
