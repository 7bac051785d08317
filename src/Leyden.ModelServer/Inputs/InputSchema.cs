using System.Text.Json;
using Leyden.Diffusion;
using Leyden.Predictions;

namespace Leyden.ModelServer.Inputs;

/// <summary>A fault of a request, told as Cog tells it: where, what, and of which kind.</summary>
/// <param name="Location">The path in the request: <c>body</c>, <c>input</c>, <c>width</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Kind">Cog's word for the kind.</param>
internal sealed record RequestFault(IReadOnlyList<object> Location, string Message, string Kind = "value_error");

/// <summary>
/// The inputs of SDXL-Lightning as its published container names and bounds them. Types are strict, inputs that are not known are passed
/// over: both as Cog does.
/// </summary>
internal static class InputSchema
{
    /// <summary>What to draw.</summary>
    public static readonly InputField Prompt = new("prompt", InputType.String, "What to draw")
    {
        IsRequired = true,
        Minimum = 1,
        Maximum = SdxlLightningInput.MaxPromptLength,
    };

    /// <summary>What not to draw.</summary>
    public static readonly InputField NegativePrompt = new(
        "negative_prompt",
        InputType.String,
        "What not to draw; without effect unless guidance_scale is above 1"
    )
    {
        Default = "worst quality, low quality",
        Maximum = SdxlLightningInput.MaxPromptLength,
    };

    /// <summary>Pixels of a row.</summary>
    public static readonly InputField Width = Size("width", "Width of the picture in pixels");

    /// <summary>Rows of pixels.</summary>
    public static readonly InputField Height = Size("height", "Height of the picture in pixels");

    /// <summary>How many pictures.</summary>
    public static readonly InputField Outputs = new("num_outputs", InputType.Integer, "How many pictures")
    {
        Default = 1,
        Minimum = 1,
        Maximum = SdxlLightningInput.MaxOutputs,
    };

    /// <summary>How the noise is taken away.</summary>
    public static readonly InputField Scheduler = new("scheduler", InputType.String, "How the noise is taken away")
    {
        Default = "K_EULER",
        Choices = SchedulerNames.All,
    };

    /// <summary>Denoising steps.</summary>
    public static readonly InputField Steps = new(
        "num_inference_steps",
        InputType.Integer,
        "Denoising steps; 4 is what the model was made for"
    )
    {
        Default = 4,
        Minimum = 1,
        Maximum = SdxlLightningInput.MaxInferenceSteps,
    };

    /// <summary>How strongly the prompt steers.</summary>
    public static readonly InputField Guidance = new(
        "guidance_scale",
        InputType.Number,
        "How strongly the prompt steers; up to 1 means without classifier-free guidance"
    )
    {
        Default = 0,
        Minimum = 0,
        Maximum = SdxlLightningInput.MaxGuidanceScale,
    };

    /// <summary>The seed of the first picture.</summary>
    public static readonly InputField Seed = new(
        "seed",
        InputType.Integer,
        "The seed of the first picture, the next ones count up; drawn when left out"
    )
    {
        IsNullable = true,
        Minimum = 0,
        Maximum = uint.MaxValue,
    };

    /// <summary>Whether pictures are returned unchecked.</summary>
    public static readonly InputField DisableSafetyChecker = new(
        "disable_safety_checker",
        InputType.Boolean,
        "Return pictures without asking the safety checker"
    )
    {
        Default = false,
    };

    /// <summary>All inputs, in the order in which forms show them.</summary>
    public static readonly IReadOnlyList<InputField> Fields =
    [
        Prompt,
        NegativePrompt,
        Width,
        Height,
        Outputs,
        Scheduler,
        Steps,
        Guidance,
        Seed,
        DisableSafetyChecker,
    ];

    /// <summary>Reads an input.</summary>
    /// <param name="json">The value of <c>input</c>.</param>
    /// <param name="sizeStep">Pixels: widths and heights are multiples of it.</param>
    /// <param name="random">Draws the seed when there is none.</param>
    /// <param name="faults">Every fault found.</param>
    /// <returns>The input; null when there are faults.</returns>
    public static PredictionInput? Read(JsonElement json, int sizeStep, Random random, List<RequestFault> faults)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined))
        {
            faults.Add(new RequestFault(["body", "input"], "is not of type \"object\""));
            return null;
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            var isGiven = json.TryFind(field.Name, out var value);
            if (!isGiven && field.IsRequired)
            {
                faults.Add(new RequestFault(["body", "input", field.Name], "Field required", "value_error.missing"));
            }
            else if (isGiven && field.FaultOf(value, field.IsSize ? sizeStep : 1) is { } fault)
            {
                faults.Add(new RequestFault(["body", "input", field.Name], fault));
            }
            else if (isGiven && value.ValueKind != JsonValueKind.Null)
            {
                values[field.Name] = value;
            }
        }

        return faults.Count == 0 ? Create(values, random) : null;
    }

    /// <summary>The names that are no inputs.</summary>
    public static IReadOnlyList<string> Unknown(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
            ? [.. json.EnumerateObject().Select(p => p.Name).Where(name => Fields.All(f => f.Name != name))]
            : [];

    private static PredictionInput Create(Dictionary<string, JsonElement> values, Random random)
    {
        return new PredictionInput(
            new BatchSettings(
                Whole(Width),
                Whole(Height),
                SchedulerNames.Parse(Text(Scheduler)),
                Whole(Steps),
                values.TryGetValue(Guidance.Name, out var guidance)
                    ? guidance.GetDouble()
                    : Guidance.Default!.GetValue<int>(),
                !(values.TryGetValue(DisableSafetyChecker.Name, out var disabled) && disabled.GetBoolean())
            ),
            Text(Prompt),
            Text(NegativePrompt),
            values.TryGetValue(Seed.Name, out var seed)
                ? (uint)seed.GetDecimal()
                : (uint)random.NextInt64(1L + uint.MaxValue),
            Whole(Outputs)
        );

        int Whole(InputField field) =>
            values.TryGetValue(field.Name, out var value) ? (int)value.GetDecimal() : field.Default!.GetValue<int>();

        string Text(InputField field) =>
            values.TryGetValue(field.Name, out var value) ? value.GetString()! : field.Default!.GetValue<string>();
    }

    private static bool TryFind(this JsonElement json, string name, out JsonElement value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out value);
    }

    private static InputField Size(string name, string description) =>
        new(name, InputType.Integer, description)
        {
            Default = 1024,
            IsSize = true,
            Minimum = SdxlLightningInput.MinSize,
            Maximum = SdxlLightningInput.MaxSize,
        };
}
