using System.Diagnostics;
using Leyden.Diffusion;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Benchmarks.Diffusion;

/// <summary>The graphs that one picture runs, as often and in the shapes that the pipeline does, and nothing else.</summary>
internal sealed class BareSessions : IDisposable
{
    private readonly SdxlSessions _sessions;
    private readonly int _calls;
    private readonly RunOptions _options = new();
    private readonly List<NativeTensor> _tensors = [];
    private readonly (GraphTensor, NativeTensor)[][] _inputs;
    private readonly (GraphTensor, NativeTensor)[][] _outputs;

    public BareSessions(SdxlDirectory model, SdxlSessions sessions, int size, int calls)
    {
        (_sessions, _calls) = (sessions, calls);
        var (first, second, unet, vae) = (model.TextEncoder, model.TextEncoder2, model.UNet, model.VaeDecoder);
        long latents = size / vae.Factor;
        long width = first.Width + second.Width;
        long[] sample = [1, unet.Channels, latents, latents];
        long[] time = unet.Timestep.Dimensions is { Count: 1 } ? [1] : [];
        _inputs =
        [
            [Zeros(first.Ids, 1, model.Tokens)],
            [Zeros(second.Ids, 1, model.Tokens)],
            [
                Noise(unet.Sample, sample),
                Zeros(unet.Timestep, time),
                Noise(unet.States, 1, model.Tokens, width),
                Noise(unet.Pooled, 1, second.PooledWidth),
                Zeros(unet.TimeIds, 1, UNetGraph.TimeIdCount),
            ],
            [Noise(vae.Latents, sample)],
        ];
        _outputs =
        [
            [Zeros(first.States, 1, model.Tokens, first.Width)],
            [Zeros(second.States, 1, model.Tokens, second.Width), Zeros(second.Pooled!, 1, second.PooledWidth)],
            [Zeros(unet.Prediction, sample)],
            [Zeros(vae.Pixels, 1, 3, latents * vae.Factor, latents * vae.Factor)],
        ];
    }

    /// <summary>Seconds of the runs for one picture.</summary>
    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _sessions.TextEncoder.Run(_options, _inputs[0], _outputs[0]);
        _sessions.TextEncoder2.Run(_options, _inputs[1], _outputs[1]);
        for (var call = 0; call < _calls; call++)
        {
            _sessions.UNet.Run(_options, _inputs[2], _outputs[2]);
        }

        _sessions.VaeDecoder.Run(_options, _inputs[3], _outputs[3]);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _tensors.ForEach(t => t.Dispose());
        _options.Dispose();
    }

    private (GraphTensor, NativeTensor) Zeros(GraphTensor graph, params long[] shape)
    {
        var tensor = new NativeTensor();
        _tensors.Add(tensor);
        tensor.Shape(graph.Type, shape);
        tensor.Clear();
        return (graph, tensor);
    }

    private (GraphTensor, NativeTensor) Noise(GraphTensor graph, params long[] shape)
    {
        var (_, tensor) = Zeros(graph, shape);
        var noise = new float[shape.Aggregate(1L, (a, b) => a * b)];
        new NormalNoise(1).Fill(0, noise);
        if (graph.Type is TensorElementType.Float or TensorElementType.Float16)
        {
            tensor.Store(noise);
        }

        return (graph, tensor);
    }
}
