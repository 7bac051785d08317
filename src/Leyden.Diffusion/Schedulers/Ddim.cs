using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Denoising diffusion implicit models (Song, Meng and Ermon 2020, arXiv 2010.02502), equation 12 with η = 0: the picture is estimated from
/// the model's answer, and as much of the same noise put back as the next timestep has.
/// </summary>
internal sealed class Ddim : DenoisingRun
{
    private readonly PredictionType _prediction;
    private readonly (float From, float To)[] _alphaBars;
    private float[] _picture = [];
    private float[] _noise = [];

    public Ddim(SchedulerConfig config, int steps)
        : this(config, steps, Timesteps.Whole(config, steps)) { }

    private Ddim(SchedulerConfig config, int steps, int[] timesteps)
        : base(Array.ConvertAll(timesteps, timestep => (float)timestep), 1)
    {
        _prediction = config.PredictionType;

        // A picture can not be told from pure noise by the noise in it; by the velocity it can.
        var alphaBars = new NoiseSchedule(
            config,
            config.RescaleBetasZeroSnr,
            finiteSigmas: _prediction == PredictionType.Epsilon
        ).AlphaBars;
        var distance = config.TrainTimesteps / steps;
        var last = config.SetAlphaToOne ?? true ? 1 : alphaBars[0];
        _alphaBars = Array.ConvertAll(
            timesteps,
            timestep => (alphaBars[timestep], timestep >= distance ? alphaBars[timestep - distance] : last)
        );
    }

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        var (from, to) = _alphaBars[call];
        var (signal, deviation) = (MathF.Sqrt(from), MathF.Sqrt(1 - from));
        var picture = Sized(ref _picture, latents.Length);
        Combine(-deviation, output, _prediction == PredictionType.Epsilon ? 1 : signal, latents, picture);
        if (_prediction == PredictionType.Epsilon)
        {
            TensorPrimitives.Divide(picture, signal, picture);
            Combine(MathF.Sqrt(1 - to), output, MathF.Sqrt(to), picture, latents);
            return;
        }

        var inIt = Sized(ref _noise, latents.Length);
        Combine(signal, output, deviation, latents, inIt);
        TensorPrimitives.Multiply(inIt, MathF.Sqrt(1 - to), latents);
        TensorPrimitives.MultiplyAdd(picture, MathF.Sqrt(to), latents, latents);
    }
}
