using System.Globalization;
using Leyden.Judge;

namespace Leyden.Diffusion.Tests.Quality;

/// <summary>
/// Whether the built-in model draws what it is asked for, told from the pixels by a judge that knows nothing of the model, over prompts
/// whose combinations the training never drew.
/// </summary>
public sealed class BuiltInModelQualityTests(ITestOutputHelper output) : IAsyncDisposable
{
    private readonly SdxlPipeline _model = SdxlPipeline.Open(BuiltInModel.Directory, new PipelineOptions());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Fact]
    public async Task Draws_colours_backgrounds_places_and_shapes_at_the_defaults()
    {
        var report = await JudgeAsync(SchedulerKind.KEuler, steps: 4, prompts: 210, size: 1024);

        Assert.Multiple(
            () => Assert.InRange(report.Color, 0.95, 1),
            () => Assert.InRange(report.Background, 0.95, 1),
            () => Assert.InRange(report.Place, 0.95, 1),
            () => Assert.InRange(report.Shape, 0.85, 1)
        );
    }

    [Theory]
    [InlineData(SchedulerKind.Ddim, 4)]
    [InlineData(SchedulerKind.DpmSolverMultistep, 6)]
    [InlineData(SchedulerKind.HeunDiscrete, 4)]
    [InlineData(SchedulerKind.KarrasDpm, 8)]
    [InlineData(SchedulerKind.KEulerAncestral, 6)]
    [InlineData(SchedulerKind.Pndm, 8)]
    [InlineData(SchedulerKind.DpmPlusPlus2MSde, 8)]
    public async Task Every_scheduler_draws_about_as_well_at_its_steps(SchedulerKind scheduler, int steps)
    {
        var report = await JudgeAsync(scheduler, steps, prompts: 60, size: 512);

        Assert.Multiple(
            () => Assert.InRange(report.Color, 0.95, 1),
            () => Assert.InRange(report.Background, 0.95, 1),
            () => Assert.InRange(report.Place, 0.95, 1),
            () => Assert.InRange(report.Shape, 0.80, 1)
        );
    }

    private async Task<QualityReport> JudgeAsync(SchedulerKind scheduler, int steps, int prompts, int size)
    {
        var settings = new BatchSettings(size, size, scheduler, steps, GuidanceScale: 0, CheckSafety: false);
        var report = await QualityRun.JudgeAsync(_model, HeldOutPrompts.Draw(prompts), settings, Cancellation);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{SchedulerNames.NameOf(scheduler)}, {steps} steps, {size} pixels, {prompts} prompts: colour {report.Color:P1}, background {report.Background:P1}, place {report.Place:P1}, shape {report.Shape:P1}"
            )
        );
        foreach (var mistake in report.Mistakes)
        {
            output.WriteLine($"  {mistake}");
        }

        return report;
    }
}
