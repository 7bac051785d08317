using System.Runtime.CompilerServices;
using SkiaSharp;

namespace Leyden.Diffusion;

/// <summary>Writes pictures as PNG (true colour, 8 bits) by SkiaSharp, with their recipe in text chunks before the pixels.</summary>
public static class PngWriter
{
    /// <summary>What a PNG is called on the wire.</summary>
    public const string MediaType = "image/png";

    /// <summary>The keyword that the PNG specification has for a description; it holds the prompt.</summary>
    private const string DescriptionKeyword = "Description";

    private const string SoftwareKeyword = "Software";

    /// <summary>A third of the time of level 6 with the filter chosen for each row, for a sixth more bytes.</summary>
    private static readonly SKPngEncoderOptions Options = new(SKPngEncoderFilterFlags.Up, zLibLevel: 3);

    /// <summary>The picture as the bytes of a PNG file.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="recipe">How the picture was made; null for a picture that says nothing of it.</param>
    public static byte[] Write(RgbImage image, PictureRecipe? recipe)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var bitmap = new SKBitmap(
            new SKImageInfo(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque)
        );
        Fill(bitmap, image);
        using var pixels = bitmap.PeekPixels();
        using var encoded =
            pixels.Encode(Options) ?? throw new InvalidOperationException("SkiaSharp did not encode the picture.");
        byte[] texts = recipe is null
            ? []
            :
            [
                .. PngText.Chunk(SoftwareKeyword, "Leyden"),
                .. PngText.Chunk(DescriptionKeyword, recipe.Prompt),
                .. PngText.Chunk(PictureRecipe.Keyword, recipe.ToJson()),
            ];
        var png = new byte[encoded.Size + texts.Length];
        var source = encoded.AsSpan();
        source[..PngText.HeaderLength].CopyTo(png);
        texts.CopyTo(png, PngText.HeaderLength);
        source[PngText.HeaderLength..].CopyTo(png.AsSpan(PngText.HeaderLength + texts.Length));
        return png;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // the first picture should not wait for the second compilation
    private static void Fill(SKBitmap bitmap, RgbImage image)
    {
        var target = bitmap.GetPixelSpan();
        var source = image.Rgb;
        for (int from = 0, to = 0; from < source.Length; from += 3, to += 4)
        {
            target[to] = source[from];
            target[to + 1] = source[from + 1];
            target[to + 2] = source[from + 2];
            target[to + 3] = byte.MaxValue;
        }
    }
}
