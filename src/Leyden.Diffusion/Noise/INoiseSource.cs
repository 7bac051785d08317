namespace Leyden.Diffusion;

/// <summary>Standard normal noise of one picture.</summary>
public interface INoiseSource
{
    /// <summary>Fills <paramref name="destination"/> with draw <paramref name="draw"/>: 0 is the initial latents, 1 and up are the scheduler's.</summary>
    void Fill(int draw, Span<float> destination);
}
