using Leyden.Diffusion.Tests.Tiny;

namespace Leyden.Diffusion.Tests.Pipeline;

public sealed class SizeTests
{
    [Theory]
    [InlineData(8, 8)]
    [InlineData(40, 8)]
    [InlineData(8, 56)]
    [InlineData(12, 20)] // 3 × 5 latents: the UNet of the tiny model halves the grid once
    [InlineData(4, 4)]
    public async Task Pictures_have_the_size_that_was_asked_for(int width, int height)
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();

        var picture = Assert.Single(
            await pipeline.AskAsync(Ask.Settings with { Width = width, Height = height }, Ask.Picture(1))
        );

        Assert.Equal(
            (width, height, 3 * width * height),
            (picture.Image.Width, picture.Image.Height, picture.Image.Rgb.Length)
        );
    }

    [Fact]
    public async Task What_was_made_before_leaves_no_trace()
    {
        using var directory = new TinyDirectory(new TinyModelOptions { SafetyThreshold = 0 });
        await using var pipeline = directory.Open();
        BatchSettings[] order =
        [
            new(40, 24, SchedulerKind.KEulerAncestral, 3, 4, true),
            new(8, 8, SchedulerKind.Ddim, 1, 0, false),
            new(24, 40, SchedulerKind.Pndm, 5, 0, true),
            new(12, 12, SchedulerKind.DpmPlusPlus2MSde, 2, 9, true),
            new(40, 24, SchedulerKind.KEulerAncestral, 3, 4, true),
        ];

        foreach (var settings in order)
        {
            await using var fresh = directory.Open();
            var expected = await fresh.AskAsync(settings, Ask.Picture(5), Ask.Picture(6, "another", ""));
            var pictures = await pipeline.AskAsync(settings, Ask.Picture(5), Ask.Picture(6, "another", ""));

            Assert.Equal(expected.Select(p => p.Image.Rgb), pictures.Select(p => p.Image.Rgb));
            Assert.Equal(expected.Select(p => p.Flagged), pictures.Select(p => p.Flagged));
        }
    }

    [Fact]
    public async Task A_large_picture_that_several_threads_read_is_the_same()
    {
        using var directory = new TinyDirectory();
        await using var one = directory.Open(new PipelineOptions { Threads = 1 });
        await using var four = directory.Open(new PipelineOptions { Threads = 4 });
        var settings = Ask.Settings with { Width = 516, Height = 780 };

        Assert.Equal(await one.RgbAsync(settings, Ask.Picture(1)), await four.RgbAsync(settings, Ask.Picture(1)));
    }

    [Fact]
    public async Task The_middle_is_kept_of_a_picture_that_was_made_larger()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();

        var image = Assert
            .Single(await pipeline.AskAsync(Ask.Settings with { Width = 12, Height = 12 }, Ask.Picture(1)))
            .Image;

        // 16 × 16 were made, of 4 × 4 latents of 4 pixels: 2 pixels of the outer ones are left on each side.
        var columns = Enumerable
            .Range(0, 12)
            .Select(x => Convert.ToHexString(image.Rgb, 3 * (12 * 5 + x), 3))
            .ToArray();
        Assert.Equal(
            [columns[0], columns[2], columns[6], columns[10]],
            columns.Where((c, i) => i == 0 || c != columns[i - 1])
        );
        Assert.Equal(4, columns.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 16, "Width: a multiple of 4 from 4 to 8192")]
    [InlineData(18, 16, "Width: a multiple of 4")]
    [InlineData(16, -4, "Height: a multiple of 4")]
    [InlineData(16, 8196, "Height: a multiple of 4")]
    public async Task Sizes_that_can_not_be_made_are_refused(int width, int height, string message)
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();

        var fault = await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            pipeline.AskAsync(Ask.Settings with { Width = width, Height = height }, Ask.Picture(1))
        );

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_inputs_out_of_range_are_refused_by_name()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();

        await RefusedAsync(
            "GuidanceScale",
            () => pipeline.AskAsync(Ask.Settings with { GuidanceScale = -1 }, Ask.Picture(1))
        );
        await RefusedAsync(
            "GuidanceScale",
            () => pipeline.AskAsync(Ask.Settings with { GuidanceScale = double.NaN }, Ask.Picture(1))
        );
        await RefusedAsync("steps", () => pipeline.AskAsync(Ask.Settings with { Steps = 0 }, Ask.Picture(1)));
        await RefusedAsync(
            "scheduler",
            () => pipeline.AskAsync(Ask.Settings with { Scheduler = (SchedulerKind)99 }, Ask.Picture(1))
        );
        await RefusedAsync("At least one picture", () => pipeline.AskAsync(Ask.Settings));
        await RefusedAsync("Prompt", () => pipeline.AskAsync(Ask.Settings, new PictureRequest(null!, "", 1)));
    }

    private static async Task RefusedAsync(string name, Func<Task> ask)
    {
        var fault = await Assert.ThrowsAnyAsync<ArgumentException>(ask);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }
}
