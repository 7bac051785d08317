namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>Short ways to ask a pipeline.</summary>
internal static class Ask
{
    public static readonly BatchSettings Settings = new(16, 16, SchedulerKind.KEuler, 2, 0, false);

    public static PictureRequest Picture(uint seed, string prompt = "a red circle", string negative = "blue") =>
        new(prompt, negative, seed);

    public static Task<IReadOnlyList<GeneratedPicture>> AskAsync(
        this SdxlPipeline pipeline,
        BatchSettings settings,
        params PictureRequest[] pictures
    ) => pipeline.GenerateAsync(settings, pictures, null, TestContext.Current.CancellationToken);

    /// <summary>The bytes of one picture.</summary>
    public static async Task<byte[]> RgbAsync(
        this SdxlPipeline pipeline,
        BatchSettings settings,
        PictureRequest picture
    ) => Assert.Single(await pipeline.AskAsync(settings, picture)).Image.Rgb;
}

/// <summary>Reports on the thread that makes the progress, in order.</summary>
internal sealed class Reports(Action<DenoisingProgress> report) : IProgress<DenoisingProgress>
{
    public void Report(DenoisingProgress value) => report(value);
}
