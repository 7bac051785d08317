using System.Text.Json;
using System.Text.Json.Serialization;

namespace Leyden.Diffusion;

/// <summary>
/// Everything that a picture is made of: with it and the same model the same picture can be made again.
/// In JSON the names are those of the published model's input.
/// </summary>
public sealed record PictureRecipe
{
    /// <summary>The keyword of the PNG text chunk that holds the recipe as JSON.</summary>
    public const string Keyword = "leyden";

    /// <summary>What to draw.</summary>
    public required string Prompt { get; init; }

    /// <summary>What not to draw.</summary>
    public required string NegativePrompt { get; init; }

    /// <summary>Pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels.</summary>
    public required int Height { get; init; }

    /// <summary>A name of <see cref="SchedulerNames"/>.</summary>
    public required string Scheduler { get; init; }

    /// <summary>Denoising steps.</summary>
    [JsonPropertyName("num_inference_steps")]
    public required int Steps { get; init; }

    /// <summary>Up to 1 means without guidance.</summary>
    public required double GuidanceScale { get; init; }

    /// <summary>The seed of this very picture, not of the first of its request.</summary>
    public required uint Seed { get; init; }

    /// <summary>The model's name.</summary>
    public string? Model { get; init; }

    /// <summary><see cref="ModelDescription.Sha256"/> of the model.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>The recipe of a picture of a batch.</summary>
    public static PictureRecipe Of(BatchSettings settings, PictureRequest picture, ModelDescription model)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(model);
        return new PictureRecipe
        {
            Prompt = picture.Prompt,
            NegativePrompt = picture.NegativePrompt,
            Width = settings.Width,
            Height = settings.Height,
            Scheduler = SchedulerNames.NameOf(settings.Scheduler),
            Steps = settings.Steps,
            GuidanceScale = settings.GuidanceScale,
            Seed = picture.Seed,
            Model = model.Name,
            ModelSha256 = model.Sha256,
        };
    }

    /// <summary>What to ask of the model for the same picture. The safety checker is not asked: it changes no picture.</summary>
    /// <exception cref="ArgumentException">The scheduler is none that is known here.</exception>
    public (BatchSettings Settings, PictureRequest Picture) ToRequest() =>
        (
            new BatchSettings(Width, Height, SchedulerNames.Parse(Scheduler), Steps, GuidanceScale, CheckSafety: false),
            new PictureRequest(Prompt, NegativePrompt, Seed)
        );

    /// <summary>The recipe in a PNG, from where the stream stands.</summary>
    /// <returns>Null when the stream is no PNG, holds no recipe, or holds one that can not be read.</returns>
    public static async Task<PictureRecipe?> TryReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var text = await PngText.TryReadAsync(stream, Keyword, cancellationToken);
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, RecipeJson.Default.PictureRecipe);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, RecipeJson.Default.PictureRecipe);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(PictureRecipe))]
internal sealed partial class RecipeJson : JsonSerializerContext;
