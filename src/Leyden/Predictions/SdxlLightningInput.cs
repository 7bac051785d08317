using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Leyden.Predictions;

/// <summary>The input of SDXL-Lightning, 4 steps, by ByteDance; names, defaults and ranges are the model's own.</summary>
public sealed record SdxlLightningInput
{
    /// <summary>The model's slug on Eachlabs.</summary>
    public const string Model = "sdxl-lightning-4step";

    /// <summary>The longest prompt that we keep, in UTF-16 characters. The model itself reads 77 CLIP tokens.</summary>
    public const int MaxPromptLength = 10_000;

    /// <summary>The smallest width and height in pixels.</summary>
    public const int MinSize = 256;

    /// <summary>The largest width and height in pixels.</summary>
    public const int MaxSize = 1280;

    /// <summary>Width and height are multiples of this: the latent grid is an eighth of the picture.</summary>
    public const int SizeStep = 8;

    /// <summary>The most pictures of one prediction.</summary>
    public const int MaxOutputs = 4;

    /// <summary>The most denoising steps.</summary>
    public const int MaxInferenceSteps = 10;

    /// <summary>The largest guidance scale.</summary>
    public const decimal MaxGuidanceScale = 50;

    /// <summary>The schedulers by the names that the model gives them.</summary>
    public static readonly IReadOnlyList<string> Schedulers =
    [
        "DDIM",
        "DPMSolverMultistep",
        "HeunDiscrete",
        "KarrasDPM",
        "K_EULER_ANCESTRAL",
        "K_EULER",
        "PNDM",
        "DPM++2MSDE",
    ];

    /// <summary>What to draw. Not blank.</summary>
    public required string Prompt { get; init; }

    /// <summary>What not to draw; without effect unless <see cref="GuidanceScale"/> is above 1.</summary>
    public string NegativePrompt { get; init; } = "worst quality, low quality";

    /// <summary>Pixels, 256…1280, a multiple of 8.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>Pixels, 256…1280, a multiple of 8.</summary>
    public int Height { get; init; } = 1024;

    /// <summary>How many pictures, 1…4.</summary>
    public int NumOutputs { get; init; } = 1;

    /// <summary>One of <see cref="Schedulers"/>.</summary>
    public string Scheduler { get; init; } = "K_EULER";

    /// <summary>Denoising steps, 1…10.</summary>
    public int NumInferenceSteps { get; init; } = 4;

    /// <summary>How strongly the prompt steers, 0…50; up to 1 means without classifier-free guidance.</summary>
    public decimal GuidanceScale { get; init; }

    /// <summary>The seed of the first picture: the same seed and input draw the same picture.</summary>
    public required uint Seed { get; init; }

    /// <summary>Whether pictures are returned without asking the safety checker.</summary>
    public bool DisableSafetyChecker { get; init; }

    /// <summary>
    /// A word for inputs of about the same run time: the work (steps × pictures × pixels of a 1024² picture) in powers of two.
    /// </summary>
    public string Workload =>
        "2^"
        + BitOperations
            .Log2((uint)(16L * NumInferenceSteps * NumOutputs * Width * Height / (1024 * 1024)))
            .ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a caller's input, with defaults for what it leaves out or gives as null.</summary>
    /// <param name="json">Numbers and booleans may be JSON values or strings that spell them.</param>
    /// <param name="random">Draws the seed when there is none.</param>
    /// <param name="input">The input, when it is valid.</param>
    /// <param name="errors">Every fault found, one a field.</param>
    /// <returns>Whether the input is valid.</returns>
    public static bool TryParse(
        JsonObject json,
        Random random,
        [NotNullWhen(true)] out SdxlLightningInput? input,
        out IReadOnlyList<InputError> errors
    )
    {
        var fields = new InputReader(json);
        var size = $"a multiple of {SizeStep} from {MinSize} to {MaxSize}";
        input = new SdxlLightningInput
        {
            Prompt = fields.RequiredText("prompt", MaxPromptLength),
            NegativePrompt = fields.Text("negative_prompt", "worst quality, low quality", MaxPromptLength),
            Width = fields.Integer("width", 1024, MinSize, MaxSize, size, SizeStep),
            Height = fields.Integer("height", 1024, MinSize, MaxSize, size, SizeStep),
            NumOutputs = fields.Integer("num_outputs", 1, 1, MaxOutputs, $"a whole number from 1 to {MaxOutputs}"),
            Scheduler = fields.Choice("scheduler", "K_EULER", Schedulers),
            NumInferenceSteps = fields.Integer(
                "num_inference_steps",
                4,
                1,
                MaxInferenceSteps,
                $"a whole number from 1 to {MaxInferenceSteps}"
            ),
            GuidanceScale = fields.Number(
                "guidance_scale",
                0,
                0,
                MaxGuidanceScale,
                $"a number from 0 to {MaxGuidanceScale}"
            ),
            Seed = fields.Seed("seed") ?? (uint)random.NextInt64(1L + uint.MaxValue),
            DisableSafetyChecker = fields.Boolean("disable_safety_checker", false),
        };
        fields.RefuseOthers();
        errors = fields.Errors;
        input = errors.Count == 0 ? input : null;
        return input is not null;
    }

    /// <summary>The input with every field, numbers as numbers.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["prompt"] = Prompt,
            ["negative_prompt"] = NegativePrompt,
            ["width"] = Width,
            ["height"] = Height,
            ["num_outputs"] = NumOutputs,
            ["scheduler"] = Scheduler,
            ["num_inference_steps"] = NumInferenceSteps,
            ["guidance_scale"] = GuidanceScale,
            ["seed"] = Seed,
            ["disable_safety_checker"] = DisableSafetyChecker,
        };
}
