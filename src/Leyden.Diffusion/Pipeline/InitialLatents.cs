using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Draws the noise that pictures begin with while something else is under way: the texts are encoded, or the pictures before are made.
/// </summary>
internal sealed class InitialLatents(Workspace workspace, LatentGrid grid) : IDisposable
{
    private Task _drawing = Task.CompletedTask;

    /// <summary>Begins to draw the noise of the next pictures.</summary>
    public void Begin(IReadOnlyList<StartedPicture> pictures)
    {
        workspace.NextLatents.Shape(TensorElementType.Float, pictures.Count, grid.Length);
        _drawing = Task.Run(() => Draw(pictures));
    }

    /// <summary>Waits until it is drawn and makes it the <see cref="Workspace.Latents"/>.</summary>
    public void Take()
    {
        _drawing.GetAwaiter().GetResult();
        workspace.TurnToNextLatents();
    }

    /// <summary>Waits for what is still drawn: the next run uses the same memory.</summary>
    public void Dispose() => _drawing.GetAwaiter().GetResult();

    private void Draw(IReadOnlyList<StartedPicture> pictures)
    {
        for (var i = 0; i < pictures.Count; i++)
        {
            var latents = workspace.NextLatents.Elements<float>().Slice(i * grid.Length, grid.Length);
            pictures[i].Noise.Fill(0, latents);
            TensorPrimitives.Multiply(latents, pictures[i].Scheduler.InitialNoiseSigma, latents);
        }
    }
}

/// <summary>A picture whose noise is known, and not yet its texts.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Scheduler">Its run.</param>
/// <param name="Noise">Its noise.</param>
internal sealed record StartedPicture(PictureRequest Request, IScheduler Scheduler, INoiseSource Noise);
