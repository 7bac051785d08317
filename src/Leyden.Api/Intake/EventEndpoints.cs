using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Api.Access;
using Leyden.Intake;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Intake;

/// <summary>
/// The way in for events: CloudEvents 1.0 (structured, batched and binary) and Event Grid's own schema, each with its handshake. Events
/// count as the key's owner's; the handshakes need no key, since they start nothing.
/// </summary>
public sealed class EventEndpoints(CallerIdentifier callers, IntakeEvents events)
{
    private const string AskedOrigin = "WebHook-Request-Origin";
    private const string AllowedOrigin = "WebHook-Allowed-Origin";
    private const int MaxOriginLength = 253;

    /// <summary><c>OPTIONS /v1/events</c>: allows whoever asks to send CloudEvents; each event still needs a key.</summary>
    public static IResult Allow(ApiCall call)
    {
        var origin = call.Request.Headers[AskedOrigin].ToString();
        if (origin.Length is 0 or > MaxOriginLength || origin.Any(c => c is < '!' or > '~'))
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                $"{AskedOrigin} must have the origin that the events come from."
            );
        }

        var headers = call.Request.HttpContext.Response.Headers;
        headers[AllowedOrigin] = origin;
        headers.Allow = "POST, OPTIONS";
        return Results.Ok();
    }

    /// <summary><c>POST /v1/events</c>: takes events in, and starts what they lead to.</summary>
    public async Task<IResult> ReceiveAsync(ApiCall call)
    {
        using var document = await ReadAsync(call);
        var received = Read(call.Request, document.RootElement);
        if (received is [{ Type: IncomingEvent.Validation } validation])
        {
            return Validate(validation);
        }

        var owner = callers.Require(call.Request);
        var errors = new List<InputError>();
        for (var i = 0; i < received.Count; i++)
        {
            // From here on a caller that goes away changes nothing; it would send the event again.
            var outcome = await events.HandleAsync(
                received[i],
                owner,
                mayNameOwner: false,
                call.Client,
                CancellationToken.None
            );
            if (outcome is IntakeOutcome.Refused refused)
            {
                errors.Add(new InputError(received[i].Id, $"Event {received[i].Id}: {refused.Reason}"));
            }
        }

        return errors.Count == 0
            ? Results.Ok()
            : throw new ApiException(
                StatusCodes.Status400BadRequest,
                string.Join(" ", errors.Select(e => e.Message)),
                errors
            );
    }

    private static Task<JsonDocument> ReadAsync(ApiCall call) =>
        JsonBody.ReadDocumentAsync(call.Request, JsonBody.MaxEventBytes, call.Aborted);

    private static List<IncomingEvent> Read(HttpRequest request, JsonElement root)
    {
        if (request.Headers.TryGetValue("ce-type", out var type))
        {
            var headers = request.Headers;
            return
            [
                new(
                    Required(request, "ce-id"),
                    Required(request, "ce-source"),
                    type!,
                    headers["ce-subject"].ToString(),
                    root
                ),
            ];
        }

        IEnumerable<JsonElement> elements = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        return
        [
            .. elements.Select(element =>
                IncomingEvent.Read(element)
                ?? throw new ApiException(
                    StatusCodes.Status400BadRequest,
                    "The body must be a CloudEvent 1.0, an event in Event Grid's schema, or an array of such."
                )
            ),
        ];
    }

    private static string Required(HttpRequest request, string header) =>
        request.Headers[header].ToString() is { Length: > 0 } value
            ? value
            : throw new ApiException(StatusCodes.Status400BadRequest, $"The header {header} is missing.");

    private static IResult Validate(IncomingEvent validation)
    {
        if (
            validation.Data.ValueKind == JsonValueKind.Object
            && validation.Data.TryGetProperty("validationCode", out var code)
            && code.ValueKind == JsonValueKind.String
        )
        {
            return ApiAnswer.Json(new JsonObject { ["validationResponse"] = code.GetString() });
        }

        throw new ApiException(StatusCodes.Status400BadRequest, "The validation event has no validationCode.");
    }
}
