using System.Text.Json.Nodes;
using Leyden.ModelServer.Inputs;

namespace Leyden.ModelServer.Http;

/// <summary>Writes small answers.</summary>
internal static class Answers
{
    /// <summary>An object of JSON.</summary>
    public static Task JsonAsync(HttpContext http, int status, JsonObject body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body.ToJsonString(LeydenJson.Options), http.RequestAborted);
    }

    /// <summary>What Cog answers when it can not take a prediction in.</summary>
    public static Task ErrorAsync(HttpContext http, int status, string error) =>
        JsonAsync(http, status, new JsonObject { ["error"] = error, ["status"] = "failed" });

    /// <summary>What is wrong with a request, in the form of Cog.</summary>
    public static Task FaultsAsync(HttpContext http, RequestRefusedException refusal) =>
        JsonAsync(
            http,
            refusal.Status,
            new JsonObject { ["detail"] = new JsonArray([.. refusal.Faults.Select(Write)]) }
        );

    private static JsonObject Write(RequestFault fault) =>
        new()
        {
            ["loc"] = new JsonArray([.. fault.Location.Select(part => (JsonNode?)(part is int i ? i : (string)part))]),
            ["msg"] = fault.Message,
            ["type"] = fault.Kind,
        };
}
