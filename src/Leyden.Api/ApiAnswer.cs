using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api;

/// <summary>Answers in JSON.</summary>
internal static class ApiAnswer
{
    /// <summary>The header of an answer that an earlier request with the same Idempotency-Key has got already.</summary>
    public const string Replayed = "Idempotent-Replayed";

    /// <summary>A JSON answer in which quotes and other scripts are spelled as themselves, since people read them in terminals.</summary>
    public static IResult Json(JsonObject body, int status = StatusCodes.Status200OK) =>
        Results.Json(body, LeydenJson.Options, statusCode: status);
}
