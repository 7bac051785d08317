using Leyden.Diffusion.Tests.Tiny;

namespace Leyden.Diffusion.Tests.Pipeline;

public sealed class BatchTests
{
    private static readonly PictureRequest[] Pictures =
    [
        Ask.Picture(4_294_967_295),
        Ask.Picture(0),
        Ask.Picture(1, "a tree, a house and a very long street", ""),
        Ask.Picture(4_294_967_295),
    ];

    public static TheoryData<SchedulerKind, double> Schedulers() =>
        [
            .. Enum.GetValues<SchedulerKind>()
                .SelectMany(k => new TheoryDataRow<SchedulerKind, double>[] { new(k, 0), new(k, 7.5) }),
        ];

    [Theory]
    [MemberData(nameof(Schedulers))]
    public async Task A_picture_is_the_same_to_the_bit_alone_and_in_a_batch(SchedulerKind scheduler, double guidance)
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        var settings = new BatchSettings(24, 16, scheduler, 3, guidance, false);

        var together = await pipeline.AskAsync(settings, Pictures);

        Assert.Equal(Pictures.Length, together.Count);
        for (var i = 0; i < Pictures.Length; i++)
        {
            Assert.Equal(await pipeline.RgbAsync(settings, Pictures[i]), together[i].Image.Rgb);
        }

        Assert.Equal(together[0].Image.Rgb, together[3].Image.Rgb);
        Assert.Equal(3, together.Select(p => Convert.ToHexString(p.Image.Rgb)).Distinct().Count());
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    public async Task Pictures_that_share_a_call_differ_by_rounding_at_most(double guidance, int picturesPerCall)
    {
        using var directory = new TinyDirectory();
        await using var alone = directory.Open();
        await using var shared = directory.Open(new PipelineOptions { Threads = 1, PicturesPerCall = picturesPerCall });
        var settings = Ask.Settings with { GuidanceScale = guidance, Scheduler = SchedulerKind.KEulerAncestral };

        var expected = await alone.AskAsync(settings, [.. Pictures, Ask.Picture(9)]);
        var pictures = await shared.AskAsync(settings, [.. Pictures, Ask.Picture(9)]);

        Assert.All(
            pictures.Zip(expected),
            p => Assert.All(p.First.Image.Rgb.Zip(p.Second.Image.Rgb), b => Assert.InRange(b.First - b.Second, -1, 1))
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_negative_prompt_is_inert_without_guidance(double guidance)
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        var settings = Ask.Settings with { GuidanceScale = guidance };
        var guided = settings with { GuidanceScale = 1.01 };

        Assert.Equal(
            await pipeline.RgbAsync(settings, Ask.Picture(3, negative: "worst quality")),
            await pipeline.RgbAsync(settings, Ask.Picture(3, negative: ""))
        );
        Assert.NotEqual(
            await pipeline.RgbAsync(guided with { GuidanceScale = 5 }, Ask.Picture(3, negative: "worst quality")),
            await pipeline.RgbAsync(guided with { GuidanceScale = 5 }, Ask.Picture(3, negative: "zzz"))
        );
    }

    [Fact]
    public async Task Tokens_that_are_cut_are_counted_and_matter_no_more()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        var start = string.Join(' ', Enumerable.Repeat("x", 75)); // with start and end as many as fit

        var pictures = await pipeline.AskAsync(
            Ask.Settings,
            Ask.Picture(1, start),
            Ask.Picture(1, start + " y y y y y")
        );

        Assert.Equal([0, 5], pictures.Select(p => p.TokensCut));
        Assert.Equal(pictures[0].Image.Rgb, pictures[1].Image.Rgb);
        Assert.NotEqual(pictures[0].Image.Rgb, await pipeline.RgbAsync(Ask.Settings, Ask.Picture(1, "y y y y y")));
    }

    [Fact]
    public async Task Progress_counts_the_model_calls_of_all_pictures()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        var reports = new List<DenoisingProgress>();
        var heun = Ask.Settings with { Scheduler = SchedulerKind.HeunDiscrete, Steps = 3 };

        await pipeline.GenerateAsync(
            heun,
            [Ask.Picture(1), Ask.Picture(2)],
            new Reports(reports.Add),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(Enumerable.Range(1, 10).Select(i => new DenoisingProgress(i, 10)), reports);
    }
}
