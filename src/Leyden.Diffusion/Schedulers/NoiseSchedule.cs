namespace Leyden.Diffusion;

/// <summary>
/// Signal and noise at each training timestep: ᾱ (the signal's share of the variance) and σ = √((1−ᾱ)/ᾱ).
/// Kept in single precision, as the models were trained with: 1 − ᾱ of the first timestep depends on the rounding.
/// </summary>
internal sealed class NoiseSchedule
{
    /// <summary>Takes the place of a ᾱ of 0, whose σ is infinite: the least half-precision number.</summary>
    public const float LeastAlphaBar = 1f / (1 << 24);

    private readonly float[] _logSigmas;

    public NoiseSchedule(SchedulerConfig config, bool zeroTerminalSnr = false, bool finiteSigmas = true)
    {
        var betas = Betas(config);
        if (zeroTerminalSnr)
        {
            betas = ZeroTerminalSnr(betas);
        }

        AlphaBars = CumulativeAlphas(betas);
        if (zeroTerminalSnr && finiteSigmas)
        {
            AlphaBars[^1] = LeastAlphaBar;
        }

        Sigmas = Array.ConvertAll(AlphaBars, alphaBar => MathF.Sqrt((1 - alphaBar) / alphaBar));
        _logSigmas = Array.ConvertAll(Sigmas, MathF.Log);
    }

    /// <summary>ᾱ, falling with the timestep.</summary>
    public float[] AlphaBars { get; }

    /// <summary>σ, rising with the timestep.</summary>
    public float[] Sigmas { get; }

    /// <summary>σ at a timestep between two of the training, by linear interpolation.</summary>
    public double SigmaAt(double timestep)
    {
        var low = (int)Math.Clamp(Math.Floor(timestep), 0, Sigmas.Length - 1);
        var high = Math.Min(low + 1, Sigmas.Length - 1);
        return Sigmas[low] + (((double)Sigmas[high] - Sigmas[low]) * (timestep - low));
    }

    /// <summary>The timestep of a σ, by linear interpolation of ln σ; the ends' where it lies beyond them.</summary>
    public double TimestepOf(double sigma)
    {
        var log = (float)Math.Log(Math.Max(sigma, 1e-10));
        var above = Array.FindIndex(_logSigmas, entry => entry > log);
        var low = Math.Clamp(above < 0 ? _logSigmas.Length : above - 1, 0, _logSigmas.Length - 2);
        var share = Math.Clamp((_logSigmas[low] - log) / (_logSigmas[low] - _logSigmas[low + 1]), 0, 1);
        return ((1 - share) * (double)low) + (share * (double)(low + 1));
    }

    private static float[] Betas(SchedulerConfig config) =>
        config switch
        {
            { TrainedBetas: { } betas } => [.. betas.Select(beta => (float)beta)],
            { BetaSchedule: BetaSchedule.Linear } => Spread(config.BetaStart, config.BetaEnd, config.TrainTimesteps),
            { BetaSchedule: BetaSchedule.ScaledLinear } => Array.ConvertAll(
                Spread(Math.Sqrt(config.BetaStart), Math.Sqrt(config.BetaEnd), config.TrainTimesteps),
                root => root * root
            ),
            _ => CosineBetas(config.TrainTimesteps),
        };

    /// <summary>
    /// Equally spaced numbers from both ends, to the last bit as the reference has them: it computes 8 at a time from the first of the eight,
    /// 16 at once. An ancestral step to a far smaller σ turns the last bit of a beta into a difference that can be seen.
    /// </summary>
    private static float[] Spread(double start, double end, int count)
    {
        var (first, last) = ((float)start, (float)end);
        var step = (last - first) / (count - 1);
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
        {
            var anchor = i < count - (count % 16) ? i - (i % 8) : i;
            var from =
                anchor < count / 2
                    ? MathF.FusedMultiplyAdd(step, anchor, first)
                    : MathF.FusedMultiplyAdd(-step, count - 1 - anchor, last);
            numbers[i] = from + ((i - anchor) * step);
        }

        return numbers;
    }

    private static float[] CosineBetas(int count)
    {
        var betas = new float[count];
        for (var i = 0; i < count; i++)
        {
            betas[i] = (float)Math.Min(1 - (AlphaBar(i + 1) / AlphaBar(i)), 0.999);
        }

        return betas;

        double AlphaBar(int timestep) =>
            Math.Pow(Math.Cos((((double)timestep / count) + 0.008) / 1.008 * Math.PI / 2), 2);
    }

    private static float[] CumulativeAlphas(float[] betas)
    {
        var product = 1.0;
        return Array.ConvertAll(betas, beta => (float)(product *= 1 - beta));
    }

    /// <summary>Lin et al. 2023, algorithm 1: √ᾱ is shifted so that it ends at 0, and scaled so that it starts where it did.</summary>
    private static float[] ZeroTerminalSnr(float[] betas)
    {
        var roots = Array.ConvertAll(CumulativeAlphas(betas), MathF.Sqrt);
        var (first, last) = (roots[0], roots[^1]);
        var scale = first / (first - last);
        var alphaBars = Array.ConvertAll(roots, root => (root - last) * scale * ((root - last) * scale));
        var rescaled = new float[betas.Length];
        for (var i = 0; i < rescaled.Length; i++)
        {
            rescaled[i] = 1 - (i == 0 ? alphaBars[0] : alphaBars[i] / alphaBars[i - 1]);
        }

        return rescaled;
    }
}
