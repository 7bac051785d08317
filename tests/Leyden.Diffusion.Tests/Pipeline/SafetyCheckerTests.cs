using Leyden.Diffusion.Tests.Tiny;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.Pipeline;

public sealed class SafetyCheckerTests
{
    private static readonly PictureRequest[] Pictures = [.. Enumerable.Range(0, 12).Select(i => Ask.Picture((uint)i))];

    [Theory]
    [InlineData(TensorElementType.Float, true)]
    [InlineData(TensorElementType.Float16, true)]
    [InlineData(TensorElementType.Float, false)]
    public async Task Pictures_that_the_checker_objects_to_are_flagged(TensorElementType type, bool takesImages)
    {
        // The tiny checker objects to bright pictures. The threshold is put between two of these.
        var brightness = (await GenerateAsync(new TinyModelOptions(), check: false))
            .Select(p => (p.Image.Rgb.Average(b => (double)b) / 255 - 0.5) / 0.25)
            .ToList();
        var sorted = brightness.Order().ToList();
        var gap = Enumerable.Range(0, sorted.Count - 1).MaxBy(i => sorted[i + 1] - sorted[i]);
        var threshold = (sorted[gap] + sorted[gap + 1]) / 2;

        var pictures = await GenerateAsync(
            new TinyModelOptions
            {
                Float = type,
                SafetyThreshold = (float)threshold,
                CheckerTakesImages = takesImages,
            },
            check: true
        );

        Assert.Equal(brightness.Select(b => b > threshold), pictures.Select(p => p.Flagged));
        Assert.Contains(pictures, p => p.Flagged);
        Assert.Contains(pictures, p => !p.Flagged);
    }

    [Fact]
    public async Task A_checker_that_is_not_asked_flags_nothing()
    {
        var options = new TinyModelOptions { SafetyThreshold = -100 };

        Assert.All(await GenerateAsync(options, check: true), p => Assert.True(p.Flagged));
        Assert.All(await GenerateAsync(options, check: false), p => Assert.False(p.Flagged));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0f)]
    public async Task The_description_says_whether_there_is_a_checker(float? threshold)
    {
        using var directory = new TinyDirectory(new TinyModelOptions { SafetyThreshold = threshold });
        await using var pipeline = directory.Open();

        Assert.Equal(threshold is not null, pipeline.Model.HasSafetyChecker);
        Assert.False((await pipeline.AskAsync(Ask.Settings, Ask.Picture(1)))[0].Flagged);
    }

    private static async Task<IReadOnlyList<GeneratedPicture>> GenerateAsync(TinyModelOptions options, bool check)
    {
        using var directory = new TinyDirectory(options);
        await using var pipeline = directory.Open();
        return await pipeline.AskAsync(Ask.Settings with { CheckSafety = check }, Pictures);
    }
}
