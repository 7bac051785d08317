using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Heun's method (Karras et al. 2022, arXiv 2206.00364, algorithm 1): each step is tried with Euler's method, the model asked again where
/// it ends, and the step made with the mean of both derivatives. The last step has no second call: 2·steps − 1 calls.
/// </summary>
internal sealed class Heun : SigmaRun
{
    private float[] _start = [];
    private float[] _first = [];

    public Heun(SchedulerConfig config, int steps)
        : this(config, SigmaSteps.Create(config, new NoiseSchedule(config), steps, config.UseKarrasSigmas)) { }

    private Heun(SchedulerConfig config, SigmaSteps steps)
        : base(config, [.. steps.Timesteps.SelectMany((t, i) => i == 0 ? [t] : new[] { t, t })], steps) { }

    public override float SigmaOf(int call) => Sigmas[(call + 1) / 2];

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        var step = Sigmas[(call / 2) + 1] - Sigmas[call / 2];
        var derivative = Derivative(call, output, latents);
        if (call % 2 == 0)
        {
            latents.CopyTo(Sized(ref _start, latents.Length));
            derivative.CopyTo(Sized(ref _first, latents.Length));
            TensorPrimitives.MultiplyAdd(derivative, step, latents, latents);
            return;
        }

        TensorPrimitives.Add(derivative, _first, derivative);
        TensorPrimitives.Multiply(derivative, 0.5f, derivative);
        TensorPrimitives.MultiplyAdd(derivative, step, _start, latents);
    }
}
