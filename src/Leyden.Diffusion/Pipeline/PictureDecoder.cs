using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>Turns latents into pixels, one picture a call: the decoder takes far more memory than all else.</summary>
internal sealed class PictureDecoder(
    SdxlDirectory model,
    SdxlSessions sessions,
    Workspace workspace,
    LatentGrid grid,
    int maxThreads
)
{
    /// <summary>Bytes that are worth a thread.</summary>
    private const int BytesOfBand = 1 << 18;

    private readonly VaeDecoderGraph _vae = model.VaeDecoder;

    /// <summary>Decodes the latents of the picture with this place in <see cref="Workspace.Latents"/>; they are changed on the way.</summary>
    /// <exception cref="InvalidOperationException">The decoder answered with what is not a number.</exception>
    public RgbImage Decode(int place, RunScope run)
    {
        var latents = workspace.Latents.Elements<float>().Slice(place * grid.Length, grid.Length);
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
        var numbers = true;
        var bands = Math.Clamp(rgb.Length / BytesOfBand, 1, maxThreads);
        Parallel.For(
            0,
            bands,
            new ParallelOptions { MaxDegreeOfParallelism = bands },
            band => ReadRows(band * height / bands, (band + 1) * height / bands)
        );
        return numbers
            ? new RgbImage(width, height, rgb)
            : throw new InvalidOperationException(
                "The model's decoder answered with what is not a number. A float16 decoder of SDXL overflows so unless it was "
                    + "made for float16; use one of float32, or one with the fix."
            );

        void ReadRows(int first, int end)
        {
            float[][] room = [new float[width], new float[width], new float[width]];
            for (var y = first; y < end; y++)
            {
                var start = (y + grid.Top) * stride + grid.Left;
                if (
                    !PixelRow.TryToBytes(
                        workspace.Pixels.Floats(start, room[0]),
                        workspace.Pixels.Floats(start + plane, room[1]),
                        workspace.Pixels.Floats(start + 2 * plane, room[2]),
                        rgb.AsSpan(3 * y * width, 3 * width)
                    )
                )
                {
                    Volatile.Write(ref numbers, false);
                }
            }
        }
    }
}
