namespace Leyden.Diffusion;

/// <summary>SDXL from a directory in the ONNX layout of Hugging Face Optimum.</summary>
public sealed class SdxlPipeline : ITextToImage
{
    private SdxlPipeline(ModelDescription model) => Model = model;

    /// <inheritdoc/>
    public ModelDescription Model { get; }

    /// <summary>Reads the configuration and checks that every file is there; sessions open at the first use or by <see cref="WarmUpAsync"/>.</summary>
    /// <exception cref="ModelDirectoryException">A file is missing or malformed.</exception>
    public static SdxlPipeline Open(string directory, PipelineOptions options) =>
        throw new ModelDirectoryException(directory, "the pipeline is not built yet");

    /// <summary>Opens the sessions.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) =>
        throw new ModelDirectoryException(Model.Name, "the pipeline is not built yet");

    /// <inheritdoc/>
    public Task<IReadOnlyList<GeneratedPicture>> GenerateAsync(
        BatchSettings settings,
        IReadOnlyList<PictureRequest> pictures,
        IProgress<DenoisingProgress>? progress,
        CancellationToken cancellationToken
    ) => throw new ModelDirectoryException(Model.Name, "the pipeline is not built yet");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
