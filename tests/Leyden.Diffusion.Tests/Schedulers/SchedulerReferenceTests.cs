namespace Leyden.Diffusion.Tests;

/// <summary>Every scheduler to the numbers of the reference, as asked: within 1e-5.</summary>
public sealed class SchedulerReferenceTests
{
    private const double Allowed = 1e-5;

    private static readonly string[] _spacings = ["trailing", "leading", "linspace"];
    private static readonly string[] _predictions = ["epsilon", "v_prediction"];

    private static readonly IReadOnlyList<ReferenceRun> _runs = ReferenceRuns.Read(
        Path.Combine(AppContext.BaseDirectory, "Schedulers", "Reference")
    );

    public static TheoryData<string> Names => [.. SchedulerNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_call_gives_the_latents_of_the_reference(string scheduler)
    {
        var runs = _runs.Where(run => run.Scheduler == scheduler).ToList();

        Assert.All(
            runs,
            run =>
            {
                var differences = ReferenceRuns.Repeat(run);
                Assert.True(differences.Timesteps <= Allowed, $"{run}: timesteps differ by {differences.Timesteps:g2}");
                Assert.True(
                    differences.InitialNoiseSigma <= Allowed,
                    $"{run}: the initial sigma differs by {differences.InitialNoiseSigma:g2}"
                );
                Assert.True(differences.Sigmas <= Allowed, $"{run}: sigmas differ by {differences.Sigmas:g2}");
                Assert.True(
                    differences.Model <= Allowed,
                    $"{run}: the model's input differs by {differences.Model:g2}"
                );
                Assert.True(differences.Latents <= Allowed, $"{run}: latents differ by {differences.Latents:g2}");
            }
        );
    }

    [Fact]
    public void The_reference_has_every_scheduler_spacing_and_prediction_at_1_to_10_steps()
    {
        var sdxl = _runs.Where(run => run.Config.Raw.EnumerateObject().Count() == 2).Select(run => run.ToString());

        var expected =
            from name in SchedulerNames.All
            from spacing in _spacings
            from prediction in _predictions
            from steps in Enumerable.Range(1, 10)
            select $"{name}, {steps} steps, {{\"timestep_spacing\":\"{spacing}\",\"prediction_type\":\"{prediction}\"}}";
        Assert.Empty(expected.Except(sdxl, StringComparer.Ordinal));
    }
}
