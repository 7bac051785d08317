using System.Buffers;
using System.Text.Json;
using Leyden.ModelServer.Inputs;
using Leyden.ModelServer.Webhooks;
using Leyden.Net;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Http;

/// <summary>A request that can not be served, with its answer.</summary>
internal sealed class RequestRefusedException(int status, params IReadOnlyList<RequestFault> faults)
    : Exception(faults.Count > 0 ? faults[0].Message : $"status {status}")
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<RequestFault> Faults { get; } = faults;
}

/// <summary>What a caller asks for.</summary>
/// <param name="Id">The id that it gives the prediction.</param>
/// <param name="Input">The input.</param>
/// <param name="Webhook">Who is told.</param>
/// <param name="Ignored">Names of inputs that are not known.</param>
internal sealed record PredictionOrder(
    string? Id,
    PredictionInput Input,
    WebhookTarget? Webhook,
    IReadOnlyList<string> Ignored
);

/// <summary>Reads requests for predictions: bounded, with strict types.</summary>
internal sealed class RequestReader(IOptions<NetworkOptions> network, Random random)
{
    /// <summary>The largest body.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int LongestId = 128;

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="idInPath">The id in the path, which the body may repeat.</param>
    /// <param name="sizeStep">Pixels: widths and heights are multiples of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestRefusedException">Too large (413), not declared as JSON (415), no JSON (400), or not as it must be (422).</exception>
    public async Task<PredictionOrder> ReadAsync(
        HttpRequest request,
        string? idInPath,
        int sizeStep,
        CancellationToken cancellationToken
    )
    {
        using var document = Parse(await ReadBodyAsync(request, cancellationToken));
        var body = document.RootElement;
        var faults = new List<RequestFault>();
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new RequestRefusedException(422, new RequestFault(["body"], "is not of type \"object\""));
        }

        var id = ReadId(body, idInPath, faults);
        var webhook = ReadWebhook(body, request.Headers, faults);
        body.TryGetProperty("input", out var given);
        var input = InputSchema.Read(given, sizeStep, random, faults);
        return input is null || faults.Count > 0
            ? throw new RequestRefusedException(422, faults)
            : new PredictionOrder(id, input, webhook, InputSchema.Unknown(given));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return StrictJson.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
        }
        catch (FormatException e)
        {
            throw new RequestRefusedException(400, new RequestFault(["body"], e.Message, "value_error.jsondecode"));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        int read;
        while ((read = await request.Body.ReadAsync(buffer.GetMemory(4096), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxBytes)
            {
                throw TooLarge();
            }
        }

        // Without this a page of some other site could make a browser send predictions.
        if (buffer.WrittenCount > 0 && !request.HasJsonContentType())
        {
            throw new RequestRefusedException(
                415,
                new RequestFault(["header", "content-type"], "The body must be sent as application/json")
            );
        }

        return buffer.WrittenMemory;
    }

    private static RequestRefusedException TooLarge() =>
        new(413, new RequestFault(["body"], $"is larger than {MaxBytes / 1024} kB"));

    private static string? ReadId(JsonElement body, string? idInPath, List<RequestFault> faults)
    {
        var id = idInPath;
        if (body.TryGetProperty("id", out var given) && given.ValueKind != JsonValueKind.Null)
        {
            id = given.ValueKind == JsonValueKind.String ? given.GetString() : "";
            if (idInPath is not null && id != idInPath)
            {
                faults.Add(new RequestFault(["body", "id"], "prediction ID must match the ID supplied in the URL"));
            }
        }

        if (id is not null && !IsUsable(id))
        {
            faults.Add(
                new RequestFault(
                    [idInPath is null ? "body" : "path", "id"],
                    $"must be a text of 1 to {LongestId} visible ASCII characters without a slash"
                )
            );
        }

        return id;
    }

    private static bool IsUsable(string id) =>
        id.Length is > 0 and <= LongestId && id.All(c => c is > ' ' and <= '~' and not '/' and not '\\');

    private WebhookTarget? ReadWebhook(JsonElement body, IHeaderDictionary headers, List<RequestFault> faults)
    {
        if (!body.TryGetProperty("webhook", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var events = ReadEvents(body, faults);
        var text =
            given.ValueKind == JsonValueKind.String && JsonTexts.FindUnusable(given) is null ? given.GetString()! : "";
        if (!OutboundUrl.TryParse(text, network.Value, out var url, out var problem))
        {
            faults.Add(
                new RequestFault(["body", "webhook"], $"{problem}; it must be {OutboundUrl.Form}", "value_error.url")
            );
            return null;
        }

        return new WebhookTarget(url, events, headers["traceparent"], headers["tracestate"]);
    }

    private static IReadOnlySet<WebhookEvent> ReadEvents(JsonElement body, List<RequestFault> faults)
    {
        if (!body.TryGetProperty("webhook_events_filter", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return WebhookTarget.AllEvents;
        }

        var events = new HashSet<WebhookEvent>();
        if (given.ValueKind != JsonValueKind.Array)
        {
            faults.Add(new RequestFault(["body", "webhook_events_filter"], "is not of type \"array\""));
            return events;
        }

        foreach (var (index, item) in given.EnumerateArray().Index())
        {
            WebhookEvent? what =
                item.ValueKind != JsonValueKind.String || JsonTexts.FindUnusable(item) is not null
                    ? null
                    : item.GetString() switch
                    {
                        "start" => WebhookEvent.Start,
                        "output" => WebhookEvent.Output,
                        "logs" => WebhookEvent.Logs,
                        "completed" => WebhookEvent.Completed,
                        _ => null,
                    };
            if (what is { } known)
            {
                events.Add(known);
            }
            else
            {
                faults.Add(
                    new RequestFault(
                        ["body", "webhook_events_filter", index],
                        "is not one of \"start\", \"output\", \"logs\", \"completed\"",
                        "type_error.enum"
                    )
                );
            }
        }

        return events;
    }
}
