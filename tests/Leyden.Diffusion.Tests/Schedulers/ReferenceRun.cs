using System.Text.Json;
using System.Text.Json.Serialization;

namespace Leyden.Diffusion.Tests;

/// <summary>One run of the reference.</summary>
/// <param name="Scheduler">The scheduler's name in the published model.</param>
/// <param name="Steps">The number of steps.</param>
/// <param name="Config">What differs from SDXL's configuration.</param>
/// <param name="Timesteps">The timestep of each model call.</param>
/// <param name="InitialNoiseSigma">The standard deviation of the initial latents.</param>
/// <param name="Sigmas">The reference's noise levels as it holds them; null for DDIM and PNDM, which have none.</param>
/// <param name="NoiseDraws">How many draws of noise it took after the initial one.</param>
/// <param name="Model">The model's answer to each call.</param>
/// <param name="Latents">The latents after each call.</param>
internal sealed record ReferenceRun(
    string Scheduler,
    int Steps,
    ReferenceConfig Config,
    float[] Timesteps,
    float InitialNoiseSigma,
    float[]? Sigmas,
    int NoiseDraws,
    float[][] Model,
    float[][] Latents
)
{
    public override string ToString() => $"{Scheduler}, {Steps} steps, {Config.Raw.GetRawText()}";
}

/// <summary>Keys of <c>scheduler_config.json</c> that differ from SDXL's.</summary>
[JsonConverter(typeof(ReferenceConfigConverter))]
internal sealed record ReferenceConfig(JsonElement Raw)
{
    private const string Sdxl = """
        {"num_train_timesteps":1000,"beta_start":0.00085,"beta_end":0.012,"beta_schedule":"scaled_linear","steps_offset":1,
        "clip_sample":false,"set_alpha_to_one":false,"skip_prk_steps":true}
        """;

    /// <summary>Whether it is SDXL's but for spacing and prediction type.</summary>
    public bool IsPlain(string spacing, string prediction) =>
        Raw.EnumerateObject().Count() == 2
        && Raw.GetProperty("timestep_spacing").ValueEquals(spacing)
        && Raw.GetProperty("prediction_type").ValueEquals(prediction);

    /// <summary>The configuration, read from a file as a model's is.</summary>
    public SchedulerConfig ToConfig()
    {
        var keys = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Sdxl)!;
        foreach (var difference in Raw.EnumerateObject())
        {
            keys[difference.Name] = difference.Value;
        }

        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, JsonSerializer.Serialize(keys));
            return SchedulerConfig.Read(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

internal sealed class ReferenceConfigConverter : JsonConverter<ReferenceConfig>
{
    public override ReferenceConfig Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        new(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, ReferenceConfig value, JsonSerializerOptions options) =>
        value.Raw.WriteTo(writer);
}
