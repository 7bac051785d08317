using Microsoft.ML.OnnxRuntime;

namespace Leyden.Diffusion;

/// <summary>An open graph. Several threads may run it at once.</summary>
internal sealed class GraphSession : IDisposable
{
    private readonly InferenceSession _session;

    static GraphSession() => OnnxTelemetry.Disable();

    private GraphSession(InferenceSession session) => _session = session;

    public static GraphSession Open(OnnxFile file, PipelineOptions options)
    {
        using var session = Options(options);
        try
        {
            return new GraphSession(new InferenceSession(file.Path, session));
        }
        catch (OnnxRuntimeException fault)
        {
            throw new ModelDirectoryException(
                file.Path,
                $"a graph that ONNX Runtime opens was expected: {fault.Message}",
                fault
            );
        }
    }

    /// <summary>Runs the graph on tensors that hold its inputs and take its outputs, without a copy on the CPU.</summary>
    public void Run(
        RunOptions options,
        IReadOnlyList<(GraphTensor Name, NativeTensor Tensor)> inputs,
        IReadOnlyList<(GraphTensor Name, NativeTensor Tensor)> outputs
    ) =>
        _session.Run(
            options,
            [.. inputs.Select(i => i.Name.Name)],
            [.. inputs.Select(i => i.Tensor.Value)],
            [.. outputs.Select(o => o.Name.Name)],
            [.. outputs.Select(o => o.Tensor.Value)]
        );

    public void Dispose() => _session.Dispose();

    private static SessionOptions Options(PipelineOptions options)
    {
        var session = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, // warnings would go past every logger to standard error
        };
        // Threads that spin for their next task take the cores of other runs, of other graphs and of all else on the machine: with
        // as many busy processes as cores a picture took two to four times as long.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            if (options.Provider == ExecutionProvider.Cuda)
            {
                session.AppendExecutionProvider_CUDA(options.DeviceId);
            }

            return session;
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or EntryPointNotFoundException)
        {
            session.Dispose();
            throw new InvalidOperationException(
                $"CUDA on device {options.DeviceId} was asked for and can not be had (it needs the package "
                    + $"Microsoft.ML.OnnxRuntime.Gpu, an NVIDIA driver, CUDA and cuDNN): {fault.Message}",
                fault
            );
        }
    }
}
