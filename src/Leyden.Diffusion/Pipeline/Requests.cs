namespace Leyden.Diffusion;

/// <summary>What the pictures of a batch share.</summary>
/// <param name="Width">Pixels, a positive multiple of <see cref="ModelDescription.SizeStep"/>.</param>
/// <param name="Height">Pixels, a positive multiple of <see cref="ModelDescription.SizeStep"/>.</param>
/// <param name="Scheduler">How the noise is taken away.</param>
/// <param name="Steps">Denoising steps, at least 1.</param>
/// <param name="GuidanceScale">How strongly the prompt steers; up to 1 means without classifier-free guidance.</param>
/// <param name="CheckSafety">Whether the model's safety checker, if it has one, looks at the pictures.</param>
public sealed record BatchSettings(
    int Width,
    int Height,
    SchedulerKind Scheduler,
    int Steps,
    double GuidanceScale,
    bool CheckSafety
);

/// <summary>One picture of a batch.</summary>
/// <param name="Prompt">What to draw.</param>
/// <param name="NegativePrompt">What not to draw; without effect unless the guidance scale is above 1.</param>
/// <param name="Seed">The seed of the picture's noise. Picture k of a request with seed s has seed s + k, wrapping.</param>
public sealed record PictureRequest(string Prompt, string NegativePrompt, uint Seed);

/// <summary>How far a batch is.</summary>
/// <param name="CompletedSteps">Denoising steps done, of all pictures of the batch together.</param>
/// <param name="TotalSteps">Denoising steps of all pictures together.</param>
public readonly record struct DenoisingProgress(int CompletedSteps, int TotalSteps);

/// <summary>A picture as it was made.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Flagged">Whether the safety checker holds it unsafe; false when it was not asked.</param>
/// <param name="TokensCut">How many tokens of the prompt the model did not read, because it was too long.</param>
public sealed record GeneratedPicture(RgbImage Image, bool Flagged, int TokensCut);
