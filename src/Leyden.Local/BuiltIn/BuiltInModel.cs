using Leyden.Diffusion;
using Microsoft.Extensions.Options;

namespace Leyden.Local.BuiltIn;

/// <summary>The model of this process, opened by the first prediction that needs it.</summary>
internal sealed class BuiltInModel(IOptions<BuiltInModelOptions> options) : IAsyncDisposable
{
    /// <summary>What leads to pictures of anything.</summary>
    public const string HowToGetMore =
        "For pictures of anything set EACHLABS_API_KEY, or Leyden__Model__Path to a directory with an ONNX export of SDXL-Lightning.";

    private readonly Lazy<SdxlPipeline> _pipeline = new(() =>
        SdxlPipeline.Open(
            options.Value.Directory,
            new PipelineOptions { MaxConcurrentRuns = options.Value.MaxConcurrent, Threads = options.Value.Threads }
        )
    );

    /// <summary>The model.</summary>
    /// <exception cref="ModelDirectoryException">Its files are missing or damaged.</exception>
    public SdxlPipeline Pipeline => _pipeline.Value;

    /// <summary>What callers should know of its pictures, or why there will be none; null for nothing.</summary>
    public string? Notice
    {
        get
        {
            try
            {
                return Pipeline.Model.Notice is { } notice ? $"{notice} {HowToGetMore}" : null;
            }
            catch (ModelDirectoryException e)
            {
                return $"The built-in model can not be used: {e.Message} {HowToGetMore}";
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() =>
        _pipeline.IsValueCreated ? _pipeline.Value.DisposeAsync() : ValueTask.CompletedTask;
}
