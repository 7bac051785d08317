using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// The second-order sampler of k-diffusion after DPM-Solver-2 (Lu et al. 2022, arXiv 2206.00927) and Karras et al. 2022 (algorithm 2), with
/// ancestral noise: half a step to the geometric middle of σ and the lower end, the model asked again there, then the whole step, then noise.
/// The middle is the next σ, up to rounding. The last step is one of Euler's: 2·steps − 1 calls, steps − 1 draws.
/// </summary>
internal sealed class Kdpm2Ancestral : SigmaRun
{
    private float[] _start = [];
    private float[] _noise = [];

    public Kdpm2Ancestral(SchedulerConfig config, int steps)
        : this(config, new NoiseSchedule(config), steps) { }

    private Kdpm2Ancestral(SchedulerConfig config, NoiseSchedule schedule, int steps)
        : this(
            config,
            schedule,
            SigmaSteps.Create(config, schedule, steps, config.UseKarrasSigmas, wholeTimesteps: true)
        ) { }

    private Kdpm2Ancestral(SchedulerConfig config, NoiseSchedule schedule, SigmaSteps steps)
        : base(
            config,
            [
                .. steps.Timesteps.SelectMany(
                    (t, i) => i == 0 ? [t] : new[] { (float)schedule.TimestepOf(Middle(steps.Sigmas, i - 1)), t }
                ),
            ],
            steps
        ) { }

    public override float SigmaOf(int call) => call % 2 == 0 ? Sigmas[call / 2] : Middle(Sigmas, call / 2);

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        var (sigma, next) = (Sigmas[call / 2], Sigmas[(call / 2) + 1]);
        var derivative = Derivative(call, output, latents);
        if (call % 2 == 0)
        {
            latents.CopyTo(Sized(ref _start, latents.Length));
            TensorPrimitives.MultiplyAdd(derivative, Middle(Sigmas, call / 2) - sigma, latents, latents);
            return;
        }

        var (down, up) = SigmaSteps.Ancestral(sigma, next);
        TensorPrimitives.MultiplyAdd(derivative, down - sigma, _start, latents);
        noise.Fill((call / 2) + 1, Sized(ref _noise, latents.Length));
        TensorPrimitives.MultiplyAdd(_noise, up, latents, latents);
    }

    /// <summary>√(σ·down), rounded as in the reference, whose timestep for it is a hair off the next one; 0 before the end.</summary>
    private static float Middle(IReadOnlyList<float> sigmas, int index)
    {
        var (sigma, down) = (sigmas[index], SigmaSteps.Ancestral(sigmas[index], sigmas[index + 1]).Down);
        return down == 0 ? 0 : MathF.Exp(MathF.Log(down) - ((MathF.Log(down) - MathF.Log(sigma)) * 0.5f));
    }
}
