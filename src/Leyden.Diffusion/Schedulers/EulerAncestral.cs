using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Euler's method with ancestral noise, after k-diffusion: each step goes further down than the next noise level and is taken back up to it
/// by fresh noise. One draw a step; that of the last has no weight.
/// </summary>
internal sealed class EulerAncestral : SigmaRun
{
    private float[] _noise = [];

    public EulerAncestral(SchedulerConfig config, int steps)
        : this(
            config,
            SigmaSteps.Create(config, new NoiseSchedule(config, config.RescaleBetasZeroSnr), steps, karras: false)
        ) { }

    private EulerAncestral(SchedulerConfig config, SigmaSteps steps)
        : base(config, steps.Timesteps, steps) { }

    public override float SigmaOf(int call) => Sigmas[call];

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        var (down, up) = SigmaSteps.Ancestral(Sigmas[call], Sigmas[call + 1]);
        TensorPrimitives.MultiplyAdd(Derivative(call, output, latents), down - Sigmas[call], latents, latents);
        noise.Fill(call + 1, Sized(ref _noise, latents.Length));
        TensorPrimitives.MultiplyAdd(_noise, up, latents, latents);
    }
}
