using System.Globalization;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary>Errors in the API's shapes.</summary>
internal static class ApiErrors
{
    public static IResult Plain(int status, string message) =>
        Results.Json(new JsonObject { ["error"] = message }, statusCode: status);

    public static IResult Unauthorized() => Plain(401, "Invalid or missing API key");

    public static IResult TooMany(
        HttpContext context,
        string details,
        TimeSpan retryAfter,
        RetryAfterForm form,
        DateTimeOffset now
    )
    {
        // Rounded up to whole seconds: a caller that waits so long must not come too early.
        var wait = TimeSpan.FromSeconds(Math.Ceiling(Math.Max(1, retryAfter.TotalSeconds)));
        if (form != RetryAfterForm.Absent)
        {
            context.Response.Headers.RetryAfter =
                form == RetryAfterForm.Seconds
                    ? wait.TotalSeconds.ToString(CultureInfo.InvariantCulture)
                    : (now + wait + TimeSpan.FromSeconds(1)).ToString("R", CultureInfo.InvariantCulture);
        }

        return Results.Json(
            new JsonObject
            {
                ["status"] = 429,
                ["error"] = "Too many requests",
                ["details"] = details,
            },
            statusCode: 429
        );
    }
}
