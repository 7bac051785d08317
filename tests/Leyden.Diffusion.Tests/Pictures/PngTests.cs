using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Leyden.Diffusion.Tests.Tiny;
using SkiaSharp;

namespace Leyden.Diffusion.Tests.Pictures;

public sealed class PngTests
{
    private static readonly PictureRecipe Recipe = new()
    {
        Prompt = "π ≈ 3, 你好, \"ünï\" 🎨\nnext line",
        NegativePrompt = "",
        Width = 16,
        Height = 8,
        Scheduler = "K_EULER",
        Steps = 4,
        GuidanceScale = 1.5,
        Seed = uint.MaxValue,
        Model = "tiny",
        ModelSha256 = "00",
    };

    [Fact]
    public void Pixels_come_back_as_they_were()
    {
        var image = Picture(61, 7);

        using var decoded = SKBitmap.Decode(PngWriter.Write(image, Recipe));

        Assert.Equal((61, 7), (decoded.Width, decoded.Height));
        Assert.Equal(image.Rgb, decoded.Pixels.SelectMany(p => new[] { p.Red, p.Green, p.Blue }));
        Assert.All(decoded.Pixels, p => Assert.Equal(255, p.Alpha));
    }

    [Fact]
    public async Task A_recipe_comes_back_as_it_was()
    {
        var png = PngWriter.Write(Picture(16, 8), Recipe);

        Assert.Equal(Recipe, await ReadAsync(png));
    }

    [Fact]
    public void Recipes_of_any_text_come_back()
    {
        Gen.Select(
                Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 300],
                Gen.String.Array[0, 3],
                Gen.UInt,
                Gen.Double[0, 50]
            )
            .Sample(
                (prompt, others, seed, guidance) =>
                {
                    var recipe = Recipe with
                    {
                        Prompt = prompt,
                        NegativePrompt = string.Concat(others.SelectMany(o => o.Where(c => !char.IsSurrogate(c)))),
                        Seed = seed,
                        GuidanceScale = guidance,
                    };
                    Assert.Equal(recipe, ReadAsync(PngWriter.Write(Picture(3, 2), recipe)).GetAwaiter().GetResult());
                },
                iter: 200
            );
    }

    [Fact]
    public void The_prompt_is_also_where_other_programs_look()
    {
        var png = PngWriter.Write(Picture(16, 8), Recipe);

        byte[] description = [.. "iTXtDescription"u8, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Recipe.Prompt)];
        Assert.True(png.AsSpan().IndexOf(description) > 0);
        Assert.True(png.AsSpan().IndexOf("IDAT"u8) > png.AsSpan().IndexOf("iTXtleyden"u8));
    }

    [Fact]
    public async Task A_picture_without_a_recipe_has_none()
    {
        var png = PngWriter.Write(Picture(16, 8), null);

        Assert.Null(await ReadAsync(png));
        Assert.Equal(-1, png.AsSpan().IndexOf("iTXt"u8));
    }

    [Fact]
    public async Task What_is_damaged_cut_or_no_PNG_has_no_recipe()
    {
        var png = PngWriter.Write(Picture(16, 8), Recipe);
        var chunk = png.AsSpan().IndexOf("iTXtleyden"u8);
        var end = chunk + 4 + BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(chunk - 4)) + 4;

        for (var length = 0; length < end; length++)
        {
            Assert.Null(await ReadAsync(png[..length]));
        }

        for (var at = chunk; at < end; at++)
        {
            var damaged = png.ToArray();
            damaged[at] ^= 0x20;
            Assert.Null(await ReadAsync(damaged));
        }

        Assert.Null(await ReadAsync("GIF89a, and more of that"u8.ToArray()));
        Assert.Null(await ReadAsync([.. png[..PngText.HeaderLength], .. PngText.Chunk("leyden", "{}")]));
        Assert.Null(await ReadAsync([.. png[..PngText.HeaderLength], .. PngText.Chunk("leyden", "no JSON")]));
        Assert.Null(await ReadAsync([.. png[..PngText.HeaderLength], .. PngText.Chunk("leyden2", Recipe.ToJson())]));
    }

    [Fact]
    public async Task A_picture_can_be_made_again_from_itself()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        var settings = new BatchSettings(24, 16, SchedulerKind.DpmSolverMultistep, 5, 3.7, false);
        var request = Ask.Picture(12, "a wide red 🎨", "grey");
        var first = Assert.Single(await pipeline.AskAsync(settings, request)).Image;
        var png = PngWriter.Write(first, PictureRecipe.Of(settings, request, pipeline.Model));

        var recipe = await ReadAsync(png);
        var (again, picture) = recipe!.ToRequest();
        var second = Assert.Single(await pipeline.AskAsync(again, picture)).Image;

        Assert.Equal(first.Rgb, second.Rgb);
        Assert.Equal(pipeline.Model.Sha256, recipe.ModelSha256);
        Assert.Equal(png, PngWriter.Write(second, recipe));
    }

    private static Task<PictureRecipe?> ReadAsync(byte[] png) =>
        PictureRecipe.TryReadAsync(new MemoryStream(png), TestContext.Current.CancellationToken);

    private static RgbImage Picture(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i * 37 + i / 91))]);
}
