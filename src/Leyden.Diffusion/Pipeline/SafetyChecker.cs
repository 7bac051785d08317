using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>Asks the safety checker of the model directory about a picture.</summary>
internal sealed class SafetyChecker(SafetyCheckerGraph graph, GraphSession session, Workspace workspace)
{
    public bool IsUnsafe(RgbImage image, RunScope run)
    {
        SetClipInput(image);
        workspace.Flags.Shape(TensorElementType.Bool, 1);
        List<(GraphTensor, NativeTensor)> inputs = [(graph.ClipInput, workspace.ClipInput)];
        if (graph.Images is { } images)
        {
            SetImages(images, image);
            inputs.Add((images, workspace.Images));
        }

        run.Run(session, inputs, [(graph.Flags, workspace.Flags)]);
        return workspace.Flags.Elements<bool>()[0];
    }

    private void SetClipInput(RgbImage image)
    {
        var steps = graph.Preprocessing;
        workspace.ClipInput.Shape(graph.ClipInput.Type, 1, 3, steps.Height, steps.Width);
        var pixels = steps.Apply(image);
        workspace.ClipInput.Store(pixels);
    }

    private void SetImages(GraphTensor images, RgbImage image)
    {
        workspace.Images.Shape(images.Type, 1, image.Height, image.Width, 3);
        var row = new float[3 * image.Width];
        for (var y = 0; y < image.Height; y++)
        {
            var bytes = image.Rgb.AsSpan(y * row.Length, row.Length);
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = bytes[i] / 255f;
            }

            workspace.Images.Store(row, y * row.Length);
        }
    }
}
