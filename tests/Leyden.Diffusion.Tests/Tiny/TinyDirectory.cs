namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>A small model in a folder of its own that goes with the test.</summary>
internal sealed class TinyDirectory : IDisposable
{
    public TinyDirectory(TinyModelOptions? options = null) =>
        Root = TinyModel.Write(Directory.CreateTempSubdirectory("leyden-tiny-").FullName, options);

    public string Root { get; }

    public string File(string name) => Path.Combine(Root, name);

    public SdxlPipeline Open(PipelineOptions? options = null) =>
        SdxlPipeline.Open(Root, options ?? new PipelineOptions { Threads = 1 });

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
