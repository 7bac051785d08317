namespace Leyden.Diffusion;

/// <summary>Pixels of a picture: rows from the top, red, green and blue as one byte each.</summary>
public sealed class RgbImage
{
    /// <summary>Takes the pixels as they are, without a copy.</summary>
    /// <exception cref="ArgumentException">The array's length is not <c>3 × width × height</c>.</exception>
    public RgbImage(int width, int height, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(rgb);
        if (rgb.LongLength != 3L * width * height)
        {
            throw new ArgumentException(
                $"{width} x {height} pixels have {3L * width * height} bytes, not {rgb.LongLength}.",
                nameof(rgb)
            );
        }

        (Width, Height, Rgb) = (width, height, rgb);
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>3 × <see cref="Width"/> × <see cref="Height"/> bytes.</summary>
    public byte[] Rgb { get; }
}
