using Leyden.Diffusion;

namespace Leyden.Benchmarks.Diffusion;

/// <summary>A sheet of small pictures, for people to look at.</summary>
internal static class ContactSheet
{
    private const int Tile = 256;
    private const int Columns = 6;

    private static readonly string[] Prompts =
    [
        "a red circle on a blue background",
        "a small yellow star on the left, black background",
        "a big green heart on white",
        "a purple triangle on the right, orange background",
        "a blue square and a red circle on a white background",
        "a pink moon at the top on gray",
        "a white ring in the center on brown",
        "a cyan hexagon on purple",
        "a big orange diamond at the bottom, purple background",
        "a black cross on a yellow background",
        "a green star left of a white square on a red background",
        "a brown crescent on cyan",
        "a yellow triangle above a blue heart on a pink background",
        "a red star in the bottom right corner, dark blue background",
        "a light green hexagon next to a black ring on white",
        "a white heart on a light blue background",
        "a small purple diamond in the top left corner on white",
        "a big black ring on an orange background",
        "an orange hexagon below a cyan cross on black",
        "a gray circle under a red triangle on green",
        "a pink square to the right of a purple circle on cyan",
        "a dark green triangle on a pink background",
        "a photo of a yellow dot on red, high quality",
        "A superhero smiling",
    ];

    /// <summary>Draws each prompt at the defaults and writes the sheet as PNG.</summary>
    public static async Task WriteAsync(ITextToImage model, string path)
    {
        var rows = (Prompts.Length + Columns - 1) / Columns;
        var sheet = new byte[3 * Columns * Tile * rows * Tile];
        var settings = new BatchSettings(1024, 1024, SchedulerKind.KEuler, 4, GuidanceScale: 0, CheckSafety: false);
        for (var i = 0; i < Prompts.Length; i++)
        {
            var request = new PictureRequest(Prompts[i], "worst quality, low quality", Seed: 1);
            var pictures = await model.GenerateAsync(settings, [request], null, CancellationToken.None);
            Place(pictures[0].Image, sheet, i % Columns * Tile, i / Columns * Tile);
        }

        await File.WriteAllBytesAsync(path, PngWriter.Write(new RgbImage(Columns * Tile, rows * Tile, sheet), null));
    }

    private static void Place(RgbImage picture, byte[] sheet, int left, int top)
    {
        var block = picture.Width / Tile;
        for (var y = 0; y < Tile; y++)
        {
            for (var x = 0; x < Tile; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    sheet[3 * ((top + y) * Columns * Tile + left + x) + channel] = Mean(picture, x, y, block, channel);
                }
            }
        }
    }

    private static byte Mean(RgbImage picture, int x, int y, int block, int channel)
    {
        var sum = 0;
        for (var i = 0; i < block * block; i++)
        {
            sum += picture.Rgb[3 * ((y * block + i / block) * picture.Width + x * block + i % block) + channel];
        }

        return (byte)(sum / (block * block));
    }
}
