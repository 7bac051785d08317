using Leyden.Diffusion.Tests.Tiny;

namespace Leyden.Diffusion.Tests.Pictures;

public sealed class PreprocessingTests
{
    [Fact]
    public void The_middle_is_cut_out_and_normalized()
    {
        var steps = Read(
            """{"do_resize": false, "crop_size": 2, "image_mean": [0.5, 0.25, 0], "image_std": [0.5, 1, 2]}"""
        );

        // 5 × 4 pixels whose red is the column, green the row, blue 51.
        var pixels = steps.Apply(
            new RgbImage(
                5,
                4,
                [.. Enumerable.Range(0, 20).SelectMany(i => new byte[] { (byte)(i % 5), (byte)(i / 5), 51 })]
            )
        );

        float[] red = [1, 2, 1, 2];
        float[] green = [1, 1, 2, 2];
        Assert.Equal(
            [
                .. red.Select(v => (v / 255f - 0.5f) / 0.5f),
                .. green.Select(v => v / 255f - 0.25f),
                .. Enumerable.Repeat(0.1f, 4),
            ],
            pixels,
            (a, b) => Math.Abs(a - b) < 1e-6
        );
    }

    [Theory]
    [InlineData(""" "size": 10, "crop_size": 10 """, 20, 50, 10, 10, 10)]
    [InlineData(""" "size": {"shortest_edge": 10}, "crop_size": {"height": 10, "width": 8} """, 50, 20, 10, 10, 8)]
    [InlineData(""" "size": {"height": 6, "width": 7}, "do_center_crop": false """, 50, 20, null, 6, 7)]
    public void Sizes_are_read_in_old_and_new_form(
        string json,
        int width,
        int height,
        int? edge,
        int toHeight,
        int toWidth
    )
    {
        var steps = Read($"{{{json}, \"do_normalize\": false}}");

        var pixels = steps.Apply(new RgbImage(width, height, [.. Enumerable.Repeat((byte)51, 3 * width * height)]));

        Assert.Equal((edge, toHeight, toWidth), (steps.ShortestEdge, steps.Height, steps.Width));
        Assert.Equal(3 * toHeight * toWidth, pixels.Length);
        Assert.All(pixels, p => Assert.Equal(0.2f, p, 1e-6f));
    }

    private static ImagePreprocessing Read(string json)
    {
        using var directory = new TinyDirectory();
        File.WriteAllText(directory.File("config.json"), json);
        return ImagePreprocessing.Read(ConfigFile.Read(directory.File("config.json")));
    }
}
