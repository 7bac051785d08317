namespace Leyden.Diffusion;

/// <summary>What a request must fulfil before anything is run.</summary>
internal static class RequestChecks
{
    /// <summary>The longest side of a picture in pixels: beyond it the bytes of a picture and its latents have lengths that arrays have not.</summary>
    private const int MaxSide = 8192;

    public static void Check(BatchSettings settings, IReadOnlyList<PictureRequest> pictures, SdxlDirectory model)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(pictures);
        CheckSide(nameof(settings.Width), settings.Width, 3, model);
        CheckSide(nameof(settings.Height), settings.Height, 2, model);
        if (!double.IsFinite(settings.GuidanceScale) || settings.GuidanceScale < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(settings),
                settings.GuidanceScale,
                "GuidanceScale: a number of at least 0 was expected."
            );
        }

        // Names the setting that is wrong, before any text is encoded.
        Scheduler.Create(settings.Scheduler, model.Scheduler, settings.Steps);
        if (pictures.Count == 0)
        {
            throw new ArgumentException("At least one picture was expected.", nameof(pictures));
        }

        if (pictures.Any(p => p?.Prompt is null || p.NegativePrompt is null))
        {
            throw new ArgumentException("Prompt and NegativePrompt: texts were expected, not null.", nameof(pictures));
        }
    }

    private static void CheckSide(string name, int size, int axis, SdxlDirectory model)
    {
        var step = model.VaeDecoder.Factor;
        if (size <= 0 || size > MaxSide || size % step != 0)
        {
            throw new ArgumentOutOfRangeException(
                name,
                size,
                $"{name}: a multiple of {step} from {step} to {MaxSide} was expected."
            );
        }

        var made = model.UNet.Sample.Fixed(axis) ?? model.VaeDecoder.Latents.Fixed(axis);
        if (made is { } latents && latents * step != size)
        {
            throw new ArgumentOutOfRangeException(
                name,
                size,
                $"{name}: the graphs of this model make pictures of {latents * step} pixels only."
            );
        }
    }
}
