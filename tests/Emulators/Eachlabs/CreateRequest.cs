using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary>The body of a create, checked as the API checks it.</summary>
internal sealed record CreateRequest(
    string Model,
    JsonObject Input,
    string Prompt,
    int Width,
    int Height,
    int OutputCount,
    long? Seed,
    Uri? WebhookUrl,
    string? WebhookSecret
)
{
    public const string SdxlLightning = "sdxl-lightning-4step";

    private static readonly HashSet<string> KnownModels =
    [
        SdxlLightning,
        "omni-zero",
        "flux-depth-pro",
        "illusion-diffusion-hq",
        "style-changer-by-bytedance",
    ];

    /// <summary>Reads a body.</summary>
    /// <exception cref="RefusedRequestException">The API would refuse it.</exception>
    public static CreateRequest Parse(JsonNode? body, bool stringsOnly)
    {
        if (body is not JsonObject request)
        {
            throw new RefusedRequestException(400, "The request body must be a JSON object");
        }

        var model = Text(request, "model") ?? throw new RefusedRequestException(400, "model is required");
        if (!KnownModels.Contains(model))
        {
            throw new RefusedRequestException(404, $"Model '{model}' not found");
        }

        if (request["input"] is not JsonObject input)
        {
            throw new RefusedRequestException(400, "input is required");
        }

        var webhook = Text(request, "webhook_url");
        Uri? webhookUrl = null;
        if (webhook is not null && !Uri.TryCreate(webhook, UriKind.Absolute, out webhookUrl))
        {
            throw new RefusedRequestException(400, "webhook_url must be a URL");
        }

        var isSdxl = model == SdxlLightning;
        return new CreateRequest(
            model,
            (JsonObject)input.DeepClone(),
            isSdxl ? PromptOf(input) : AllText(input),
            isSdxl ? Integer(input, "width", 1024, 256, 1280, stringsOnly) : 1024,
            isSdxl ? Integer(input, "height", 1024, 256, 1280, stringsOnly) : 1024,
            isSdxl ? Integer(input, "num_outputs", 1, 1, 4, stringsOnly) : 1,
            isSdxl ? CheckedSeed(input, stringsOnly) : null,
            webhookUrl,
            Text(request, "webhook_secret")
        );
    }

    private static string PromptOf(JsonObject input) =>
        Text(input, "prompt") is { } prompt && !string.IsNullOrWhiteSpace(prompt)
            ? prompt
            : throw new RefusedRequestException(400, "input.prompt is required");

    private static long? CheckedSeed(JsonObject input, bool stringsOnly)
    {
        _ = Integer(input, "num_inference_steps", 4, 1, 10, stringsOnly);
        _ = Number(input, "guidance_scale", 0, 0, 50, stringsOnly);
        if (stringsOnly && input["disable_safety_checker"]?.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            throw new RefusedRequestException(400, "input.disable_safety_checker must be a string");
        }

        return input["seed"] is null ? null : (long)Number(input, "seed", 0, 0, uint.MaxValue, stringsOnly);
    }

    private static int Integer(JsonObject input, string name, int byDefault, int min, int max, bool stringsOnly)
    {
        var number = Number(input, name, byDefault, min, max, stringsOnly);
        return number == Math.Truncate(number)
            ? (int)number
            : throw new RefusedRequestException(400, $"input.{name} must be an integer");
    }

    private static double Number(
        JsonObject input,
        string name,
        double byDefault,
        double min,
        double max,
        bool stringsOnly
    )
    {
        if (input[name] is not { } node)
        {
            return byDefault;
        }

        if (stringsOnly && node.GetValueKind() != JsonValueKind.String)
        {
            throw new RefusedRequestException(400, $"input.{name} must be a string");
        }

        var text = node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
        return double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new RefusedRequestException(400, $"input.{name} must be between {min} and {max}");
    }

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string AllText(JsonObject input) =>
        string.Join(
            '\n',
            input
                .Select(member => member.Value)
                .OfType<JsonValue>()
                .Select(v => v.TryGetValue<string>(out var t) ? t : "")
        );
}

/// <summary>A request that the API answers with an error.</summary>
internal sealed class RefusedRequestException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
