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

    /// <summary>
    /// How many pictures of a batch share one call of the UNet, at least 1. At 1, a picture is the same to the bit alone and in any batch.
    /// More may be faster on a GPU; then the last bits of a picture depend on how many are made with it.
    /// </summary>
    public int PicturesPerCall { get; init; } = 1;

    /// <summary><see cref="Threads"/>, or the number of cores.</summary>
    internal int MaxThreads => Threads == 0 ? Environment.ProcessorCount : Threads;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; the message names it.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentRuns, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        ArgumentOutOfRangeException.ThrowIfLessThan(PicturesPerCall, 1);
        if (!Enum.IsDefined(Provider))
        {
            throw new ArgumentOutOfRangeException(nameof(Provider), Provider, "Cpu or Cuda was expected.");
        }
    }
}
