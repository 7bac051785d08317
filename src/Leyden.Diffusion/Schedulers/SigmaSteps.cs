namespace Leyden.Diffusion;

/// <summary>
/// The steps of a run as noise levels, for the methods in the notation of Karras et al. 2022: latents are picture + σ·noise, and the model's
/// input is scaled by 1/√(σ²+1).
/// </summary>
/// <param name="Timesteps">The model's timestep of each step, noisiest first.</param>
/// <param name="Sigmas">The σ of each step, and the one after the last.</param>
/// <param name="InitialNoiseSigma">The standard deviation of the latents at the start.</param>
internal sealed record SigmaSteps(float[] Timesteps, float[] Sigmas, float InitialNoiseSigma)
{
    private const double Rho = 7;

    /// <param name="config">The model's configuration.</param>
    /// <param name="schedule">Its noise schedule.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="karras">Whether the sigmas between the ends are spaced as Karras et al. propose.</param>
    /// <param name="wholeTimesteps">Whether the timesteps of such sigmas are rounded.</param>
    /// <param name="final">The sigma after the last step.</param>
    public static SigmaSteps Create(
        SchedulerConfig config,
        NoiseSchedule schedule,
        int steps,
        bool karras,
        bool wholeTimesteps = false,
        FinalSigma final = FinalSigma.Zero
    )
    {
        var spacing = config.TimestepSpacing ?? TimestepSpacing.Linspace;
        var timesteps = Diffusion.Timesteps.Spaced(config, spacing, steps);
        var sigmas = Array.ConvertAll(timesteps, timestep => schedule.SigmaAt((float)timestep));
        if (karras)
        {
            sigmas = Karras(sigmas[0], sigmas[^1], steps);
            timesteps = Array.ConvertAll(sigmas, schedule.TimestepOf);
            timesteps = wholeTimesteps ? Array.ConvertAll(timesteps, Math.Round) : timesteps;
        }

        var levels = WithFinal(sigmas, final, schedule);
        var initial = spacing == TimestepSpacing.Leading ? MathF.Sqrt((levels[0] * levels[0]) + 1) : levels[0];
        return new SigmaSteps(Array.ConvertAll(timesteps, timestep => (float)timestep), levels, initial);
    }

    /// <summary>Karras et al. 2022, equation 5: equal steps in σ^(1/ρ), ρ = 7.</summary>
    public static double[] Karras(double max, double min, int count)
    {
        var (from, to) = (Math.Pow(max, 1 / Rho), Math.Pow(min, 1 / Rho));
        var part = count > 1 ? 1.0 / (count - 1) : 0;
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => Math.Pow(from + ((i > 0 && i == count - 1 ? 1 : i * part) * (to - from)), Rho)),
        ];
    }

    /// <summary>The sigmas in single precision, and the one after them.</summary>
    public static float[] WithFinal(double[] sigmas, FinalSigma final, NoiseSchedule schedule) =>
        [.. sigmas.Select(sigma => (float)sigma), final == FinalSigma.Zero ? 0 : schedule.Sigmas[0]];

    /// <summary>
    /// The parts of an ancestral step from σ to the next: where the deterministic part ends, and the standard deviation of the noise that
    /// takes it back up; down² + up² = next². In single precision, as in the reference; where rounding leaves nothing of the lower end, it is
    /// next²/σ, which it always is but for rounding.
    /// </summary>
    public static (float Down, float Up) Ancestral(float sigma, float next)
    {
        var up = MathF.Sqrt(next * next * ((sigma * sigma) - (next * next)) / (sigma * sigma));
        var down = MathF.Sqrt((next * next) - (up * up));
        return (down > 0 ? down : next * next / sigma, up);
    }
}
