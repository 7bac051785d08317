namespace Leyden.Diffusion;

/// <summary>
/// The grid of latents that a picture is made on. The UNet halves the grid several times, and exported graphs can not double an odd one back:
/// where a picture's grid does not divide evenly it is made somewhat larger, and the middle of the picture is kept.
/// </summary>
/// <param name="PictureWidth">Pixels.</param>
/// <param name="PictureHeight">Pixels.</param>
/// <param name="Width">Latents of a row.</param>
/// <param name="Height">Rows of latents.</param>
/// <param name="Channels">Numbers of a latent.</param>
/// <param name="Factor">Pixels a latent.</param>
internal sealed record LatentGrid(int PictureWidth, int PictureHeight, int Width, int Height, int Channels, int Factor)
{
    /// <summary>Numbers of one picture.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Columns of the decoded picture left of those that are kept.</summary>
    public int Left => (Width * Factor - PictureWidth) / 2;

    /// <summary>Rows of the decoded picture above those that are kept.</summary>
    public int Top => (Height * Factor - PictureHeight) / 2;

    public static LatentGrid Of(BatchSettings settings, SdxlDirectory model)
    {
        var (factor, step) = (model.VaeDecoder.Factor, model.UNet.Factor);
        return new LatentGrid(
            settings.Width,
            settings.Height,
            RoundUp(settings.Width / factor, step),
            RoundUp(settings.Height / factor, step),
            model.UNet.Channels,
            factor
        );
    }

    private static int RoundUp(int size, int step) => (size + step - 1) / step * step;
}
