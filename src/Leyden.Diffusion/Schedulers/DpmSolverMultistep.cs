using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// DPM-Solver++ of second order, multistep (Lu et al. 2022, arXiv 2211.01095, algorithm 2, "2M", the midpoint form): a linear combination of the latents
/// and of the last two estimates of the picture. With Karras sigmas it is "KarrasDPM".
/// </summary>
internal sealed class DpmSolverMultistep : DenoisingRun
{
    private const int FewSteps = 15;

    private readonly SchedulerConfig _config;
    private readonly float[] _sigmas;
    private float[] _picture = [];
    private float[] _previous = [];
    private float[] _slope = [];

    public DpmSolverMultistep(SchedulerConfig config, int steps)
        : this(config, Levels(config, steps)) { }

    private DpmSolverMultistep(SchedulerConfig config, (float[] Timesteps, float[] Sigmas) levels)
        : base(levels.Timesteps, 1) => (_config, _sigmas) = (config, levels.Sigmas);

    /// <summary>The σ of each step, and the one after the last.</summary>
    public IReadOnlyList<float> Sigmas => _sigmas;

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        (_picture, _previous) = (_previous, _picture);
        var picture = Sized(ref _picture, latents.Length);
        var now = Level.Of(_sigmas[call]);
        if (_config.PredictionType == PredictionType.Epsilon)
        {
            Combine(-now.Deviation, output, 1, latents, picture);
            TensorPrimitives.Divide(picture, now.Signal, picture);
        }
        else
        {
            Combine(now.Signal, latents, -now.Deviation, output, picture);
        }

        var next = Level.Of(_sigmas[call + 1]);
        var step = next.Lambda - now.Lambda;
        var ofPicture = -next.Signal * (MathF.Exp(-step) - 1);
        Combine(next.Deviation / now.Deviation, latents, ofPicture, picture, latents);
        if (call > 0 && !IsLastOfFirstOrder(call))
        {
            // The picture's slope over the step before, carried to the middle of this one.
            var before = now.Lambda - Level.Of(_sigmas[call - 1]).Lambda;
            var slope = Sized(ref _slope, latents.Length);
            TensorPrimitives.Subtract(picture, _previous, slope);
            TensorPrimitives.Multiply(slope, 1 / (before / step), slope);
            TensorPrimitives.MultiplyAdd(slope, 0.5f * ofPicture, latents, latents);
        }
    }

    private bool IsLastOfFirstOrder(int call) =>
        call == CallCount - 1
        && (
            _config.EulerAtFinal
            || (_config.LowerOrderFinal && CallCount < FewSteps)
            || _config.FinalSigma == FinalSigma.Zero
        );

    private static (float[] Timesteps, float[] Sigmas) Levels(SchedulerConfig config, int steps)
    {
        var schedule = new NoiseSchedule(config, config.RescaleBetasZeroSnr);
        var (timesteps, sigmas) = (Array.Empty<double>(), Array.Empty<double>());
        if (config.UseKarrasSigmas)
        {
            sigmas = SigmaSteps.Karras(schedule.Sigmas[^1], schedule.Sigmas[0], steps);
            timesteps = Array.ConvertAll(sigmas, schedule.TimestepOf);
            timesteps =
                config.BetaSchedule == BetaSchedule.SquaredCosine
                    ? Array.ConvertAll(timesteps, Math.Truncate)
                    : Array.ConvertAll(timesteps, Math.Round);
        }
        else
        {
            timesteps = Spaced(config, schedule, steps);
            sigmas = Array.ConvertAll(timesteps, schedule.SigmaAt);
        }

        return (
            Array.ConvertAll(timesteps, timestep => (float)timestep),
            SigmaSteps.WithFinal(sigmas, config.FinalSigma, schedule)
        );
    }

    /// <summary>Unlike the others, the reference leaves the cleanest timestep out: it spaces one more, for leading and linspace.</summary>
    private static double[] Spaced(SchedulerConfig config, NoiseSchedule schedule, int steps)
    {
        var start = schedule.Sigmas.Count(sigma => -Math.Log(sigma) >= config.LambdaMinClipped);
        return (config.TimestepSpacing ?? TimestepSpacing.Linspace) switch
        {
            TimestepSpacing.Leading => Timesteps.Leading(
                steps + 1,
                start / (steps + 1),
                config.StepsOffset,
                config.TrainTimesteps
            )[..steps],
            TimestepSpacing.Trailing => Timesteps.Trailing(steps, start, config.TrainTimesteps),
            _ => Array.ConvertAll(Timesteps.Linspace(steps + 1, start - 1)[..steps], Math.Round),
        };
    }

    /// <summary>A noise level σ as √ᾱ, √(1−ᾱ), and λ = ln(√ᾱ/√(1−ᾱ)), which is infinite without noise.</summary>
    private readonly record struct Level(float Signal, float Deviation, float Lambda)
    {
        public static Level Of(float sigma)
        {
            var signal = 1 / MathF.Sqrt((sigma * sigma) + 1);
            return new Level(signal, sigma * signal, MathF.Log(signal) - MathF.Log(sigma * signal));
        }
    }
}
