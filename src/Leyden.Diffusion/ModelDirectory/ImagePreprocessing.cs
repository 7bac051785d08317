namespace Leyden.Diffusion;

/// <summary>How pictures are resampled, by the numbers that Pillow gives its filters.</summary>
internal enum ResampleFilter
{
    /// <summary>A triangle.</summary>
    Bilinear = 2,

    /// <summary>Keys' cubic with a = −1/2.</summary>
    Bicubic = 3,
}

/// <summary>The steps of a CLIP feature extractor, as its preprocessor_config.json names them.</summary>
/// <param name="ShortestEdge">Pixels: the picture is scaled so that its shorter side has this many; null for a fixed size.</param>
/// <param name="ResizeHeight">Pixels, when <paramref name="ShortestEdge"/> is null; 0 for no scaling.</param>
/// <param name="ResizeWidth">Pixels, when <paramref name="ShortestEdge"/> is null; 0 for no scaling.</param>
/// <param name="Filter">How it is scaled.</param>
/// <param name="Height">Rows of the middle that is cut out, and of the result.</param>
/// <param name="Width">Columns of the middle that is cut out, and of the result.</param>
/// <param name="RescaleFactor">Bytes are multiplied by this.</param>
/// <param name="Mean">Then this is taken away, for red, green and blue.</param>
/// <param name="Deviation">And the rest divided by this.</param>
internal sealed record ImagePreprocessing(
    int? ShortestEdge,
    int ResizeHeight,
    int ResizeWidth,
    ResampleFilter Filter,
    int Height,
    int Width,
    float RescaleFactor,
    float[] Mean,
    float[] Deviation
)
{
    public static ImagePreprocessing Read(ConfigFile config)
    {
        var (edge, height, width) = config.Flag("do_resize", absent: true) ? Resize(config) : (null, 0, 0);
        var (cropHeight, cropWidth) = config.Flag("do_center_crop", absent: true)
            ? Size(config, "crop_size")
            : (height, width);
        if (cropHeight == 0)
        {
            throw config.Fault("do_center_crop", "true was expected, or a fixed 'size': the checker reads one size");
        }

        var normalize = config.Flag("do_normalize", absent: true);
        return new ImagePreprocessing(
            edge,
            height,
            width,
            edge is null && height == 0 ? ResampleFilter.Bicubic : ReadFilter(config),
            cropHeight,
            cropWidth,
            config.Flag("do_rescale", absent: true) ? config.OptionalNumber("rescale_factor") ?? 1 / 255f : 1,
            normalize ? config.Numbers("image_mean", 3) : [0, 0, 0],
            normalize ? Deviations(config) : [1, 1, 1]
        );
    }

    /// <summary>The picture as the vision model reads it: [3, <see cref="Height"/>, <see cref="Width"/>], black where the cut is larger than the picture.</summary>
    public float[] Apply(RgbImage image)
    {
        var scaled = Scaled(image);
        var result = new float[3 * Height * Width];
        var (top, left) = (Half(Height - scaled.Height), Half(Width - scaled.Width));
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (row, column) = (y - top, x - left);
                var inside = row >= 0 && row < scaled.Height && column >= 0 && column < scaled.Width;
                for (var channel = 0; channel < 3; channel++)
                {
                    var value = inside ? scaled.Rgb[3 * (row * scaled.Width + column) + channel] : 0;
                    result[(channel * Height + y) * Width + x] =
                        (value * RescaleFactor - Mean[channel]) / Deviation[channel];
                }
            }
        }

        return result;

        // The reference rounds the first row that is kept down, and the margin of a picture that is too small up.
        static int Half(int margin) => margin < 0 ? -(-margin / 2) : (margin + 1) / 2;
    }

    private RgbImage Scaled(RgbImage image)
    {
        if (ShortestEdge is not { } edge)
        {
            return ResizeHeight == 0 ? image : Resampling.Resize(image, ResizeWidth, ResizeHeight, Filter);
        }

        var shorter = Math.Min(image.Width, image.Height);
        return Resampling.Resize(
            image,
            (int)((long)image.Width * edge / shorter),
            (int)((long)image.Height * edge / shorter),
            Filter
        );
    }

    private static float[] Deviations(ConfigFile config)
    {
        var deviations = config.Numbers("image_std", 3);
        return deviations.All(d => d > 0)
            ? deviations
            : throw config.Fault("image_std", "positive numbers were expected");
    }

    private static ResampleFilter ReadFilter(ConfigFile config) =>
        config.IntegerIfOne("resample") switch
        {
            null when !config.Has("resample") => ResampleFilter.Bicubic,
            2 => ResampleFilter.Bilinear,
            3 => ResampleFilter.Bicubic,
            _ => throw config.Fault("resample", "2 (bilinear) or 3 (bicubic) was expected"),
        };

    /// <summary>Old files hold one number, newer ones an object: the shorter side, or a size.</summary>
    private static (int? Edge, int Height, int Width) Resize(ConfigFile config)
    {
        if (!config.IsObject("size"))
        {
            return (config.PositiveInteger("size"), 0, 0);
        }

        var size = config.OptionalObject("size")!;
        return size.OptionalPositiveInteger("shortest_edge") is { } edge
            ? (edge, 0, 0)
            : (null, size.PositiveInteger("height"), size.PositiveInteger("width"));
    }

    private static (int Height, int Width) Size(ConfigFile config, string key)
    {
        if (!config.IsObject(key))
        {
            var side = config.PositiveInteger(key);
            return (side, side);
        }

        var size = config.OptionalObject(key)!;
        return (size.PositiveInteger("height"), size.PositiveInteger("width"));
    }
}
