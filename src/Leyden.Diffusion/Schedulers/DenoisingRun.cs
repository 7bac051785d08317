using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>What all schedulers have in common: the timesteps, the scaling of the input, and that calls come in order.</summary>
internal abstract class DenoisingRun(float[] timesteps, float initialNoiseSigma) : IScheduler
{
    private int _next;
    private int _length;

    public float InitialNoiseSigma { get; } = initialNoiseSigma;

    public int CallCount => timesteps.Length;

    public float TimestepOf(int call) => timesteps[call];

    public void ScaleInput(int call, ReadOnlySpan<float> latents, Span<float> scaled)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(call);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(call, CallCount);
        TensorPrimitives.Divide(latents, InputDivisor(call), scaled);
    }

    public void Step(int call, ReadOnlySpan<float> modelOutput, Span<float> latents, INoiseSource noise)
    {
        ArgumentNullException.ThrowIfNull(noise);
        if (call != _next || call >= CallCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(call),
                call,
                _next < CallCount ? $"Calls come in order: {_next} is the next." : "The run has ended."
            );
        }

        if (modelOutput.Length != latents.Length || (call > 0 && latents.Length != _length))
        {
            throw new ArgumentException(
                $"Latents ({latents.Length}) and the model's answer ({modelOutput.Length}) have one length in all calls.",
                nameof(modelOutput)
            );
        }

        (_next, _length) = (call + 1, latents.Length);
        Apply(call, modelOutput, latents, noise);
    }

    /// <summary>What the model's input is divided by.</summary>
    protected virtual float InputDivisor(int call) => 1;

    /// <summary>Changes the latents by the model's answer, rounding after each operation as the reference does.</summary>
    protected abstract void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise);

    /// <summary>target = a·x + b·y, element by element; the target may be x, not y.</summary>
    protected static void Combine(float a, ReadOnlySpan<float> x, float b, ReadOnlySpan<float> y, Span<float> target)
    {
        TensorPrimitives.Multiply(x, a, target);
        TensorPrimitives.MultiplyAdd(y, b, target, target);
    }

    /// <summary>A buffer of a length, kept from call to call.</summary>
    protected static Span<float> Sized(ref float[] buffer, int length)
    {
        Array.Resize(ref buffer, length);
        return buffer;
    }
}
