using System.Text.Json;
using Leyden.Diffusion;

namespace Leyden.ModelServer.Inputs;

/// <summary>A valid input, with every value filled in.</summary>
/// <param name="Settings">What its pictures share.</param>
/// <param name="Prompt">What to draw.</param>
/// <param name="NegativePrompt">What not to draw.</param>
/// <param name="Seed">The seed of the first picture; picture k has this plus k, wrapping.</param>
/// <param name="Outputs">How many pictures.</param>
internal sealed record PredictionInput(
    BatchSettings Settings,
    string Prompt,
    string NegativePrompt,
    uint Seed,
    int Outputs
)
{
    /// <summary>The pictures, in order.</summary>
    public IEnumerable<PictureRequest> Pictures =>
        Enumerable.Range(0, Outputs).Select(k => new PictureRequest(Prompt, NegativePrompt, unchecked(Seed + (uint)k)));

    /// <summary>Writes it as an object, by the model's names.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(InputSchema.Prompt.Name, Prompt);
        json.WriteString(InputSchema.NegativePrompt.Name, NegativePrompt);
        json.WriteNumber(InputSchema.Width.Name, Settings.Width);
        json.WriteNumber(InputSchema.Height.Name, Settings.Height);
        json.WriteNumber(InputSchema.Outputs.Name, Outputs);
        json.WriteString(InputSchema.Scheduler.Name, SchedulerNames.NameOf(Settings.Scheduler));
        json.WriteNumber(InputSchema.Steps.Name, Settings.Steps);
        json.WriteNumber(InputSchema.Guidance.Name, Settings.GuidanceScale);
        json.WriteNumber(InputSchema.Seed.Name, Seed);
        json.WriteBoolean(InputSchema.DisableSafetyChecker.Name, !Settings.CheckSafety);
        json.WriteEndObject();
    }
}
