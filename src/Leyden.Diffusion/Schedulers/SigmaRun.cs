using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>A run in the notation of Karras et al. 2022: latents are picture + σ·noise, the model sees latents/√(σ²+1).</summary>
internal abstract class SigmaRun(SchedulerConfig config, float[] callTimesteps, SigmaSteps steps)
    : DenoisingRun(callTimesteps, steps.InitialNoiseSigma)
{
    private float[] _picture = [];
    private float[] _derivative = [];

    /// <summary>The σ of each step, and the one after the last.</summary>
    public IReadOnlyList<float> Sigmas => steps.Sigmas;

    /// <summary>The σ that the model is asked at.</summary>
    public abstract float SigmaOf(int call);

    protected override float InputDivisor(int call) => Norm(SigmaOf(call));

    /// <summary>
    /// The derivative dx/dσ = (latents − picture)/σ, the picture estimated from the model's answer (Karras et al. 2022, algorithm 1).
    /// </summary>
    protected Span<float> Derivative(int call, ReadOnlySpan<float> output, ReadOnlySpan<float> latents)
    {
        var sigma = SigmaOf(call);
        var derivative = Sized(ref _derivative, latents.Length);
        if (config.PredictionType == PredictionType.Epsilon)
        {
            TensorPrimitives.Multiply(output, sigma, derivative);
            TensorPrimitives.Subtract(latents, derivative, derivative);
        }
        else
        {
            var picture = Sized(ref _picture, latents.Length);
            TensorPrimitives.Divide(latents, (sigma * sigma) + 1, picture);
            TensorPrimitives.MultiplyAdd(output, -sigma / Norm(sigma), picture, derivative);
        }

        TensorPrimitives.Subtract(latents, derivative, derivative);
        TensorPrimitives.Divide(derivative, sigma, derivative);
        return derivative;
    }

    private static float Norm(float sigma) => MathF.Sqrt((sigma * sigma) + 1);
}
