namespace Leyden.Diffusion;

/// <summary>One denoising run of one picture: which times the model is asked for, and how its answers change the latents.</summary>
public interface IScheduler
{
    /// <summary>The standard deviation of the initial latents; standard normal noise is multiplied by it.</summary>
    float InitialNoiseSigma { get; }

    /// <summary>How many times the model is called: about twice a step for schedulers of second order.</summary>
    int CallCount { get; }

    /// <summary>The model's timestep of call <paramref name="call"/> (0…<see cref="CallCount"/> − 1).</summary>
    float TimestepOf(int call);

    /// <summary>Writes the model's input of a call: the latents, scaled as the scheduler asks.</summary>
    void ScaleInput(int call, ReadOnlySpan<float> latents, Span<float> scaled);

    /// <summary>Changes the latents in place by the model's answer. Calls come in order, each once.</summary>
    /// <param name="call">The call, 0…<see cref="CallCount"/> − 1.</param>
    /// <param name="modelOutput">The model's answer, guidance applied.</param>
    /// <param name="latents">The latents, of the same length.</param>
    /// <param name="noise">Asked for fresh noise only when the step needs it.</param>
    void Step(int call, ReadOnlySpan<float> modelOutput, Span<float> latents, INoiseSource noise);
}
