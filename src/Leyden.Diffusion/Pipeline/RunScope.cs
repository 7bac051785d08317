using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Leyden.Diffusion;

/// <summary>One run of a batch: a cancelled token ends its session runs between two nodes of their graphs.</summary>
internal sealed class RunScope : IDisposable
{
    private readonly RunOptions _options = new();
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;

    public RunScope(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _registration = cancellation.Register(static options => ((RunOptions)options!).Terminate = true, _options);
    }

    /// <summary>How long ONNX Runtime has worked in this run.</summary>
    public TimeSpan InSessions { get; private set; }

    /// <exception cref="OperationCanceledException">The token was cancelled before or during the run.</exception>
    public void Run(
        GraphSession session,
        IReadOnlyList<(GraphTensor Name, NativeTensor Tensor)> inputs,
        IReadOnlyList<(GraphTensor Name, NativeTensor Tensor)> outputs
    )
    {
        _cancellation.ThrowIfCancellationRequested();
        var start = Stopwatch.GetTimestamp();
        try
        {
            session.Run(_options, inputs, outputs);
            InSessions += Stopwatch.GetElapsedTime(start);
        }
        catch (OnnxRuntimeException fault) when (_cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The run was cancelled.", fault, _cancellation);
        }
    }

    public void Dispose()
    {
        _registration.Dispose(); // waits for a callback that is under way
        _options.Dispose();
    }
}
