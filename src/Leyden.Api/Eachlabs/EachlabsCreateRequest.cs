using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Eachlabs;

/// <summary>Reads the body and headers of a create in the Eachlabs dialect.</summary>
public static class EachlabsCreateRequest
{
    private static readonly string[] Known = ["model", "version", "input", "backend", "webhook_url", "webhook_secret"];
    private static readonly string[] Webhook = ["webhook_url", "webhook_secret"];

    /// <summary>Reads what is asked for, as far as it can be understood.</summary>
    /// <param name="call">The call.</param>
    /// <param name="errors">Gets the faults that can be seen without knowing the model.</param>
    /// <returns>The wish; what is missing or at fault in it is empty.</returns>
    /// <exception cref="ApiException">The body is no JSON object.</exception>
    public static async Task<PredictionRequest> ReadAsync(ApiCall call, ICollection<InputError> errors)
    {
        var body = await JsonBody.ReadAsync(call.Request, call.Aborted);
        var model = Text(body, "model", errors);
        if (model is null && errors.Count == 0)
        {
            errors.Add(
                new InputError(
                    "model",
                    $"model is missing; it must be a model's slug, such as {SdxlLightningInput.Model}."
                )
            );
        }

        var version = Text(body, "version", errors);
        var backend = Text(body, "backend", errors);
        if (body["input"] is not JsonObject input)
        {
            errors.Add(new InputError("input", "input is missing or no object; it must hold the model's inputs."));
            input = [];
        }

        foreach (var field in Webhook.Where(field => body[field] is not null))
        {
            errors.Add(new InputError(field, $"{field} can not be honoured: this version sends no webhooks."));
        }

        foreach (var field in body.Select(f => f.Key).Except(Known, StringComparer.Ordinal))
        {
            errors.Add(InputError.Unknown(field, Known));
        }

        var idempotencyKey = call.Request.Headers["Idempotency-Key"];
        return new PredictionRequest
        {
            Owner = call.Caller,
            Model = model ?? "",
            Version = version,
            Input = input,
            Backend = backend,
            Deadline = DeadlineHeader.Read(call.Request, errors),
            IdempotencyKey = idempotencyKey.Count == 0 ? null : idempotencyKey.ToString(),
        };
    }

    /// <summary>The answer to a request with faults: all of them at once.</summary>
    public static ApiException Invalid(IReadOnlyList<InputError> errors) =>
        new(StatusCodes.Status400BadRequest, string.Join(" ", errors.Select(e => e.Message)), errors);

    private static string? Text(JsonObject body, string field, ICollection<InputError> errors)
    {
        switch (body[field])
        {
            case null:
                return null;
            case JsonValue value
                when value.GetValueKind() == JsonValueKind.String && value.TryGetValue<string>(out var text):
                if (text.Length <= 200)
                {
                    return text;
                }

                errors.Add(new InputError(field, $"{field} has {text.Length} characters; it may have 200."));
                return null;
            default:
                errors.Add(new InputError(field, $"{field} must be a text."));
                return null;
        }
    }
}
