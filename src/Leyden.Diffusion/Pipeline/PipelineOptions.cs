namespace Leyden.Diffusion;

/// <summary>Where the sessions of ONNX Runtime run.</summary>
public enum ExecutionProvider
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU; needs the package Microsoft.ML.OnnxRuntime.Gpu in the executable.</summary>
    Cuda,
}

/// <summary>How a pipeline uses the machine.</summary>
public sealed record PipelineOptions
{
    /// <summary>How many batches are made at the same time, at least 1; others wait. Each has latents and decoded pictures of its own.</summary>
    public int MaxConcurrentRuns { get; init; } = 1;

    /// <summary>Threads of each session, 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Where the sessions run.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>The number of the GPU, 0 for the first; for <see cref="ExecutionProvider.Cuda"/> only.</summary>
    public int DeviceId { get; init; }
}
