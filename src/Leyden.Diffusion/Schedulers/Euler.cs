using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>Euler's method on the probability flow (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without churn).</summary>
internal sealed class Euler : SigmaRun
{
    public Euler(SchedulerConfig config, int steps)
        : this(
            config,
            SigmaSteps.Create(
                config,
                new NoiseSchedule(config, config.RescaleBetasZeroSnr),
                steps,
                config.UseKarrasSigmas,
                final: config.FinalSigma
            )
        ) { }

    private Euler(SchedulerConfig config, SigmaSteps steps)
        : base(config, steps.Timesteps, steps) { }

    public override float SigmaOf(int call) => Sigmas[call];

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise) =>
        TensorPrimitives.MultiplyAdd(
            Derivative(call, output, latents),
            Sigmas[call + 1] - Sigmas[call],
            latents,
            latents
        );
}
