using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Leyden.ModelServer.Loading;

/// <summary>Where the model comes from. Configuration section <c>Leyden:Model</c>.</summary>
public sealed partial class ModelSourceOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Model";

    /// <summary>
    /// The model's directory in the ONNX layout of Hugging Face Optimum; with <see cref="BlobPrefix"/> the directory that it is downloaded
    /// to. Must be set.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// The address of the model in Blob Storage, <c>https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX</c>: what lies below it is
    /// downloaded at the start, by this server's own (managed) identity. Default: none.
    /// </summary>
    public string? BlobPrefix { get; set; }

    /// <summary>A connection string of the account of <see cref="BlobPrefix"/>, where there is no managed identity. Default: none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The checksum that the directory must have, 64 hex digits: of the list that <c>sha256sum</c> makes of its files, sorted by path.
    /// Default: not checked.
    /// </summary>
    public string? Sha256 { get; set; }

    /// <summary>The address of <see cref="BlobPrefix"/>.</summary>
    internal Uri? BlobAddress =>
        Uri.TryCreate(BlobPrefix, UriKind.Absolute, out var url)
        && url.Scheme is "https" or "http"
        && url.Query.Length == 0
            ? url
            : null;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(Path))
        {
            yield return new ValidationResult(
                $"{Section}:Path is not set; it must be the directory of a model (Leyden__Model__Path, or --model DIR)."
            );
        }

        if (!string.IsNullOrWhiteSpace(BlobPrefix) && BlobAddress is null)
        {
            yield return new ValidationResult(
                $"{Section}:BlobPrefix must be an address such as https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX, without a query."
            );
        }

        if (!string.IsNullOrWhiteSpace(Sha256) && !ChecksumForm().IsMatch(Sha256))
        {
            yield return new ValidationResult($"{Section}:Sha256 must be 64 hex digits.");
        }
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChecksumForm();
}
