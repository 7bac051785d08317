namespace Leyden.Diffusion;

/// <summary>Makes pictures of texts.</summary>
public interface ITextToImage : IAsyncDisposable
{
    /// <summary>What is known of the model without running it.</summary>
    ModelDescription Model { get; }

    /// <summary>
    /// Makes a batch of pictures. A picture depends on its own request and the settings only: alone or in a batch it is the same.
    /// </summary>
    /// <param name="settings">What the pictures share.</param>
    /// <param name="pictures">The pictures, at least one.</param>
    /// <param name="progress">Told after every model call; null for nobody.</param>
    /// <param name="cancellationToken">Ends the run between model calls and within them.</param>
    /// <returns>The pictures in the order of the requests.</returns>
    /// <exception cref="ArgumentException">A setting or request is out of range; the message names it.</exception>
    /// <exception cref="ModelDirectoryException">The model's files turned out to be unusable when first opened.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    Task<IReadOnlyList<GeneratedPicture>> GenerateAsync(
        BatchSettings settings,
        IReadOnlyList<PictureRequest> pictures,
        IProgress<DenoisingProgress>? progress,
        CancellationToken cancellationToken
    );
}
