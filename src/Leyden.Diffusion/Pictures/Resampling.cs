namespace Leyden.Diffusion;

/// <summary>
/// Scales pictures as Pillow does, which feature extractors are configured for: separable, the filter widened when the picture shrinks
/// so that no pixel is passed over, bytes between the two passes.
/// </summary>
internal static class Resampling
{
    public static RgbImage Resize(RgbImage image, int width, int height, ResampleFilter filter)
    {
        var rows = Horizontal(image, width, filter);
        return Vertical(rows, height, filter);
    }

    private static RgbImage Horizontal(RgbImage image, int width, ResampleFilter filter)
    {
        if (width == image.Width)
        {
            return image;
        }

        var taps = Taps.Of(image.Width, width, filter);
        var result = new byte[3 * width * image.Height];
        for (var y = 0; y < image.Height; y++)
        {
            var source = image.Rgb.AsSpan(3 * y * image.Width, 3 * image.Width);
            for (var x = 0; x < width; x++)
            {
                Blend(source[(3 * taps[x].First)..], 3, taps[x].Weights, result.AsSpan(3 * (y * width + x), 3));
            }
        }

        return new RgbImage(width, image.Height, result);
    }

    private static RgbImage Vertical(RgbImage image, int height, ResampleFilter filter)
    {
        if (height == image.Height)
        {
            return image;
        }

        var taps = Taps.Of(image.Height, height, filter);
        var result = new byte[3 * image.Width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                Blend(
                    image.Rgb.AsSpan(3 * (taps[y].First * image.Width + x)),
                    3 * image.Width,
                    taps[y].Weights,
                    result.AsSpan(3 * (y * image.Width + x), 3)
                );
            }
        }

        return new RgbImage(image.Width, height, result);
    }

    private static void Blend(ReadOnlySpan<byte> source, int stride, double[] weights, Span<byte> pixel)
    {
        var (red, green, blue) = (0.5, 0.5, 0.5);
        for (var i = 0; i < weights.Length; i++)
        {
            red += weights[i] * source[i * stride];
            green += weights[i] * source[i * stride + 1];
            blue += weights[i] * source[i * stride + 2];
        }

        (pixel[0], pixel[1], pixel[2]) = (ToByte(red), ToByte(green), ToByte(blue));
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Floor(value), 0, 255);

    /// <summary>The pixels that make one of the result, and their shares, which sum to one.</summary>
    private readonly record struct Taps(int First, double[] Weights)
    {
        public static Taps[] Of(int from, int to, ResampleFilter filter)
        {
            var scale = (double)from / to;
            var widening = Math.Max(scale, 1);
            var support = (filter == ResampleFilter.Bicubic ? 2 : 1) * widening;
            var taps = new Taps[to];
            for (var i = 0; i < to; i++)
            {
                var centre = (i + 0.5) * scale;
                var first = Math.Max((int)(centre - support + 0.5), 0);
                var last = Math.Min((int)(centre + support + 0.5), from);
                var weights = new double[last - first];
                for (var j = 0; j < weights.Length; j++)
                {
                    weights[j] = Weight(filter, (first + j - centre + 0.5) / widening);
                }

                var sum = weights.Sum();
                taps[i] = new Taps(first, Array.ConvertAll(weights, w => w / sum));
            }

            return taps;
        }

        private static double Weight(ResampleFilter filter, double x)
        {
            const double A = -0.5;
            x = Math.Abs(x);
            return filter switch
            {
                ResampleFilter.Bilinear => Math.Max(1 - x, 0),
                _ when x < 1 => ((A + 2) * x - (A + 3)) * x * x + 1,
                _ when x < 2 => (((x - 5) * x + 8) * x - 4) * A,
                _ => 0,
            };
        }
    }
}
