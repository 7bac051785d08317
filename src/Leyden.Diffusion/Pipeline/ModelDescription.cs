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
)
{
    private readonly Lazy<string> _sha256 = new(Sha256);

    internal ModelDescription(
        string name,
        string? notice,
        bool hasSafetyChecker,
        int sizeStep,
        int maxTokens,
        Lazy<string> sha256
    )
        : this(name, notice, hasSafetyChecker, sizeStep, maxTokens, "") => _sha256 = sha256;

    /// <summary>
    /// SHA-256 in lower-case hex over the names and contents of all files that are read of the model's directory: the same for the same model.
    /// The first read hashes the files unless <see cref="SdxlPipeline.WarmUpAsync"/> has; gigabytes take seconds.
    /// </summary>
    public string Sha256
    {
        get => _sha256.Value;
        init => _sha256 = new Lazy<string>(value);
    }

    /// <summary>The name; it does not hash the files.</summary>
    public override string ToString() => Name;

    /// <inheritdoc/>
    public bool Equals(ModelDescription? other) =>
        other is not null
        && (Name, Notice, HasSafetyChecker, SizeStep, MaxTokens)
            == (other.Name, other.Notice, other.HasSafetyChecker, other.SizeStep, other.MaxTokens)
        && Sha256 == other.Sha256;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Notice, HasSafetyChecker, SizeStep, MaxTokens);
}
