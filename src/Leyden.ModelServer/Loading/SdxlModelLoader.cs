using System.Globalization;
using Leyden.Diffusion;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Loading;

/// <summary>Loads a model directory, downloaded first when that is configured, checked when a checksum is.</summary>
internal sealed class SdxlModelLoader(
    ModelDownload download,
    IOptions<ModelSourceOptions> source,
    IOptions<ModelServerOptions> server,
    TimeProvider time
) : IModelLoader
{
    /// <inheritdoc/>
    public async Task<ITextToImage> LoadAsync(SetupLog log, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(source.Value.Path!);
        await download.RunAsync(directory, log, cancellationToken);
        await CheckAsync(directory, log, cancellationToken);
        var start = time.GetTimestamp();
        var pipeline = SdxlPipeline.Open(directory, PipelineOptions());
        try
        {
            await pipeline.WarmUpAsync(cancellationToken);
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }

        log.Say(Took($"Loaded {pipeline.Model.Name} ({pipeline.Model.Sha256}) from {directory}", start));
        return pipeline;
    }

    private PipelineOptions PipelineOptions() =>
        new()
        {
            MaxConcurrentRuns = server.Value.Slots,
            Threads = server.Value.Threads,
            Provider = server.Value.ExecutionProvider,
            DeviceId = server.Value.Device,
            PicturesPerCall = server.Value.BatchSize,
        };

    private async Task CheckAsync(string directory, SetupLog log, CancellationToken cancellationToken)
    {
        if (source.Value.Sha256 is not { Length: > 0 } wanted)
        {
            return;
        }

        var start = time.GetTimestamp();
        var found = await ModelChecksum.ComputeAsync(directory, cancellationToken);
        if (!found.Equals(wanted, StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelDirectoryException(
                directory,
                $"its checksum is {found}, but {ModelSourceOptions.Section}:Sha256 is {wanted.ToLowerInvariant()}."
            );
        }

        log.Say(Took($"Checked the files: {found}", start));
    }

    private string Took(string what, long start) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}. Took {time.GetElapsedTime(start).TotalSeconds:0.0} s.");
}
