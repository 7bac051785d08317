using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>A picture while it is denoised.</summary>
/// <param name="Scheduler">Its run.</param>
/// <param name="Noise">Its noise.</param>
/// <param name="Prompt">The conditioning.</param>
/// <param name="Negative">That of the negative prompt; null without guidance.</param>
internal sealed record DenoisedPicture(
    IScheduler Scheduler,
    INoiseSource Noise,
    EncodedText Prompt,
    EncodedText? Negative
);

/// <summary>
/// Calls the UNet until the noise is gone. With guidance each picture has two rows in a call, first all negative ones, then all others
/// (Ho and Salimans 2022, "Classifier-free diffusion guidance").
/// </summary>
internal sealed class Denoiser(SdxlDirectory model, SdxlSessions sessions, Workspace workspace, LatentGrid grid)
{
    private readonly UNetGraph _unet = model.UNet;

    /// <summary>Denoises pictures together. Their latents, noise at first, are in <see cref="Workspace.Latents"/>, one picture after the other.</summary>
    /// <param name="pictures">The pictures of the same settings.</param>
    /// <param name="guidance">The guidance scale, used when the pictures have negative conditionings.</param>
    /// <param name="run">Their run.</param>
    /// <param name="called">Told after every call.</param>
    public void Denoise(IReadOnlyList<DenoisedPicture> pictures, float guidance, RunScope run, Action called)
    {
        var guided = pictures[0].Negative is not null;
        var rows = pictures.Count * (guided ? 2 : 1);
        var rowsOfCall = _unet.FixedRows ?? rows;
        SetUp(rows, rowsOfCall);
        for (var call = 0; call < pictures[0].Scheduler.CallCount; call++)
        {
            SetTimestep(pictures[0].Scheduler.TimestepOf(call));
            for (var start = 0; start < rows; start += rowsOfCall)
            {
                SetSample(pictures, call, start, rowsOfCall);
                if (call == 0 || rowsOfCall < rows)
                {
                    SetConditioning(pictures, start, rowsOfCall);
                }

                Call(run);
                if (rowsOfCall < rows)
                {
                    workspace.Answer.Load(Row(workspace.Predictions, start));
                }
            }

            for (var i = 0; i < pictures.Count; i++)
            {
                var prediction = Prediction(i, rowsOfCall < rows);
                if (guided)
                {
                    Guide(prediction, Prediction(pictures.Count + i, rowsOfCall < rows), guidance);
                }

                pictures[i].Scheduler.Step(call, prediction, Row(workspace.Latents, i), pictures[i].Noise);
            }

            called();
        }
    }

    /// <summary>The numbers of one picture or row.</summary>
    private Span<float> Row(NativeTensor tensor, int row) =>
        tensor.Elements<float>().Slice(row * grid.Length, grid.Length);

    private void SetUp(int rows, int rowsOfCall)
    {
        long[] shape = [rowsOfCall, grid.Channels, grid.Height, grid.Width];
        workspace.Sample.Shape(_unet.Sample.Type, shape);
        workspace.Answer.Shape(_unet.Prediction.Type, shape);
        workspace.Timestep.Shape(_unet.Timestep.Type, _unet.Timestep.Dimensions is { Count: 1 } ? [1L] : []);
        workspace.RowStates.Shape(
            _unet.States.Type,
            rowsOfCall,
            model.Tokens,
            model.TextEncoder.Width + model.TextEncoder2.Width
        );
        workspace.RowPooled.Shape(_unet.Pooled.Type, rowsOfCall, model.TextEncoder2.PooledWidth);
        SetTimeIds(rowsOfCall);
        workspace.Predictions.Shape(TensorElementType.Float, rows, grid.Length);
        workspace.Scratch.Shape(TensorElementType.Float, grid.Length);
    }

    /// <summary>Original size, crop and target size, each height before width: the picture as it was asked for, not cropped.</summary>
    private void SetTimeIds(int rows)
    {
        workspace.TimeIds.Shape(_unet.TimeIds.Type, rows, UNetGraph.TimeIdCount);
        ReadOnlySpan<float> ids = [grid.PictureHeight, grid.PictureWidth, 0, 0, grid.PictureHeight, grid.PictureWidth];
        for (var row = 0; row < rows; row++)
        {
            workspace.TimeIds.Store(ids, row * ids.Length);
        }
    }

    private void SetTimestep(float timestep)
    {
        switch (_unet.Timestep.Type)
        {
            case TensorElementType.Int64:
                workspace.Timestep.Elements<long>()[0] = (long)timestep;
                break;
            case TensorElementType.Int32:
                workspace.Timestep.Elements<int>()[0] = (int)timestep;
                break;
            default:
                workspace.Timestep.Store([timestep]);
                break;
        }
    }

    private void SetSample(IReadOnlyList<DenoisedPicture> pictures, int call, int start, int count)
    {
        var direct = _unet.Sample.Type == TensorElementType.Float;
        for (var row = 0; row < count; row++)
        {
            var picture = (start + row) % pictures.Count;
            var scaled = direct ? Row(workspace.Sample, row) : workspace.Scratch.Elements<float>();
            pictures[picture].Scheduler.ScaleInput(call, Row(workspace.Latents, picture), scaled);
            if (!direct)
            {
                workspace.Sample.Store(scaled, row * grid.Length);
            }
        }
    }

    private void SetConditioning(IReadOnlyList<DenoisedPicture> pictures, int start, int count)
    {
        var states = model.Tokens * (model.TextEncoder.Width + model.TextEncoder2.Width);
        var pooled = model.TextEncoder2.PooledWidth;
        for (var row = 0; row < count; row++)
        {
            var picture = pictures[(start + row) % pictures.Count];
            var negative = picture.Negative is not null && start + row < pictures.Count;
            var text = negative ? picture.Negative! : picture.Prompt;
            text.States.CopyTo(0, states, workspace.RowStates, row * states);
            text.Pooled.CopyTo(0, pooled, workspace.RowPooled, row * pooled);
        }
    }

    private void Call(RunScope run) =>
        run.Run(
            sessions.UNet,
            [
                (_unet.Sample, workspace.Sample),
                (_unet.Timestep, workspace.Timestep),
                (_unet.States, workspace.RowStates),
                (_unet.Pooled, workspace.RowPooled),
                (_unet.TimeIds, workspace.TimeIds),
            ],
            [(_unet.Prediction, workspace.Answer)]
        );

    /// <summary>The UNet's answer for a row: where it is, or converted where it is not float, or as it was put aside.</summary>
    private Span<float> Prediction(int row, bool aside) =>
        aside
            ? Row(workspace.Predictions, row)
            : workspace.Answer.Floats(row * grid.Length, Row(workspace.Predictions, row));

    /// <summary>negative + scale × (positive − negative), in place of the negative row.</summary>
    private static void Guide(Span<float> negative, Span<float> positive, float scale)
    {
        TensorPrimitives.Subtract(positive, negative, positive);
        TensorPrimitives.MultiplyAdd(positive, scale, negative, negative);
    }
}
