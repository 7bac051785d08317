using System.CommandLine;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>
/// The command line of <c>leyden generate</c>. Inputs are texts here: the model's own validation reads them, so that all faults are
/// found at once and said in one way.
/// </summary>
internal sealed class GenerateOptions
{
    /// <summary>The most predictions of one call.</summary>
    public const int MaxCount = 100;

    public Argument<string?> Prompt { get; } =
        new("prompt")
        {
            Description = "What to draw; - reads it from standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };

    public Option<string?> Count { get; } =
        Text("--count", $"How many predictions to run, 1 to {MaxCount}; with --seed they get N, N+1, N+2 …", "N");

    public Option<string> Out { get; } =
        new("--out", "-o")
        {
            Description = "The folder to write the pictures to; made when it does not exist.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };

    public Option<string?> Backend { get; } =
        Text("--backend", "Where to run it: auto, eachlabs, container or built-in.", "NAME");

    public Option<string?> Deadline { get; } =
        Text("--deadline", "Give up after this time: 45s, 1m30s, 2h. Default: 10m.", "TIME");

    public Option<string?> Model { get; } =
        Text(
            "--model",
            $"The model. Default: {SdxlLightningInput.Model}. Others take their inputs from --input-json.",
            "SLUG"
        );

    public Option<string?> InputJson { get; } =
        Text(
            "--input-json",
            "More inputs as a JSON object, or @FILE to read them from a file; the other options win.",
            "JSON"
        );

    public Option<string?> Data { get; } = CommonOptions.Data();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public Option<bool> DisableSafetyChecker { get; } =
        new("--disable-safety-checker") { Description = "Return pictures without asking the safety checker." };

    /// <summary>The options that are inputs of the model; their names are the model's, with hyphens.</summary>
    public IReadOnlyList<Option<string?>> Inputs { get; } =
    [
        Text("--negative-prompt", "What not to draw; has an effect with a guidance scale above 1.", "TEXT"),
        Text("--width", "Pixels: a multiple of 8 from 256 to 1280. Default: 1024.", "N"),
        Text("--height", "Pixels: a multiple of 8 from 256 to 1280. Default: 1024.", "N"),
        Text("--num-outputs", "Pictures of one prediction, 1 to 4. Default: 1.", "N"),
        Text("--scheduler", $"One of {string.Join(", ", SdxlLightningInput.Schedulers)}. Default: K_EULER.", "NAME"),
        Text("--num-inference-steps", "Denoising steps, 1 to 10. Default: 4.", "N"),
        Text("--guidance-scale", "How strongly the prompt steers, 0 to 50. Default: 0.", "N"),
        Text("--seed", "Draws the same picture again: 0 to 4294967295. Default: drawn.", "N"),
    ];

    /// <summary>The inputs whose values stay texts, however they look.</summary>
    public static bool IsText(string field) => field is "prompt" or "negative_prompt" or "scheduler";

    /// <summary>The model's name of an option: <c>--num-outputs</c> is <c>num_outputs</c>.</summary>
    public static string FieldOf(Option option) => option.Name.TrimStart('-').Replace('-', '_');

    /// <summary>Adds everything to a command, in the order of the help text.</summary>
    public void AddTo(Command command)
    {
        command.Add(Prompt);
        foreach (var input in Inputs)
        {
            command.Add(input);
        }

        command.Add(DisableSafetyChecker);
        command.Add(Model);
        command.Add(InputJson);
        command.Add(Count);
        command.Add(Out);
        command.Add(Backend);
        command.Add(Deadline);
        command.Add(Data);
        command.Add(Json);
    }

    private static Option<string?> Text(string name, string description, string valueName) =>
        new(name) { Description = description, HelpName = valueName };
}
