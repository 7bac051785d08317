namespace Leyden.Diffusion;

/// <summary>What is known of a model without running it.</summary>
/// <param name="Name">Its name, for logs and records.</param>
/// <param name="Notice">What its users should know, in one sentence; null when there is nothing to say.</param>
/// <param name="HasSafetyChecker">Whether the model directory has a safety checker.</param>
/// <param name="SizeStep">Pixels: widths and heights are multiples of this, the side of a latent's square in the picture.</param>
/// <param name="MaxTokens">The most tokens of a text that the model reads, start and end included.</param>
/// <param name="Sha256">SHA-256 in lower-case hex over the names and contents of the model's files: the same for the same model.</param>
public sealed record ModelDescription(
    string Name,
    string? Notice,
    bool HasSafetyChecker,
    int SizeStep,
    int MaxTokens,
    string Sha256
);
