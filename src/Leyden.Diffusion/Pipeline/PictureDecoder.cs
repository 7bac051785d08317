using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>Turns latents into pixels, one picture a call: the decoder takes far more memory than all else.</summary>
internal sealed class PictureDecoder(SdxlDirectory model, SdxlSessions sessions, Workspace workspace, LatentGrid grid)
{
    private readonly VaeDecoderGraph _vae = model.VaeDecoder;

    /// <summary>Decodes the latents of one picture; they are changed on the way.</summary>
    /// <exception cref="InvalidOperationException">The decoder answered with what is not a number.</exception>
    public RgbImage Decode(Span<float> latents, RunScope run)
    {
        Unscale(latents);
        workspace.VaeInput.Shape(_vae.Latents.Type, 1, grid.Channels, grid.Height, grid.Width);
        workspace.VaeInput.Store(latents);
        workspace.Pixels.Shape(_vae.Pixels.Type, 1, 3, grid.Height * grid.Factor, grid.Width * grid.Factor);
        run.Run(sessions.VaeDecoder, [(_vae.Latents, workspace.VaeInput)], [(_vae.Pixels, workspace.Pixels)]);
        return ReadPixels();
    }

    private void Unscale(Span<float> latents)
    {
        if (_vae.Mean is null || _vae.Deviation is null)
        {
            TensorPrimitives.Divide(latents, _vae.ScalingFactor, latents);
            return;
        }

        var plane = grid.Height * grid.Width;
        for (var channel = 0; channel < grid.Channels; channel++)
        {
            var values = latents.Slice(channel * plane, plane);
            TensorPrimitives.Multiply(values, _vae.Deviation[channel] / _vae.ScalingFactor, values);
            TensorPrimitives.Add(values, _vae.Mean[channel], values);
        }
    }

    private RgbImage ReadPixels()
    {
        var (width, height) = (grid.PictureWidth, grid.PictureHeight);
        var (stride, plane) = (grid.Width * grid.Factor, grid.Width * grid.Height * grid.Factor * grid.Factor);
        var rgb = GC.AllocateUninitializedArray<byte>(3 * width * height);
        float[][] rows = [new float[width], new float[width], new float[width]];
        for (var y = 0; y < height; y++)
        {
            var start = (y + grid.Top) * stride + grid.Left;
            PixelRow.ToBytes(
                workspace.Pixels.Floats(start, rows[0]),
                workspace.Pixels.Floats(start + plane, rows[1]),
                workspace.Pixels.Floats(start + 2 * plane, rows[2]),
                rgb.AsSpan(3 * y * width, 3 * width)
            );
        }

        return new RgbImage(width, height, rgb);
    }
}
