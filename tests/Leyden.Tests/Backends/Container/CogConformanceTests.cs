using Leyden.Backends;
using Leyden.Emulators.Cog;
using Leyden.Predictions;

namespace Leyden.Tests.Backends.Container;

/// <summary>
/// What the backend relies on, of any container that speaks Cog's API: the emulator, or the one at <c>LEYDEN_COG_URL</c>, which must be this
/// model's (our own model server, say).
/// </summary>
public class CogConformanceTests : IAsyncLifetime
{
    private CogEmulator? _emulator;
    private ContainerDriver _driver = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Whom tokens must be for, of an emulator with a sign-in in front.</summary>
    private protected virtual string? Audience => null;

    /// <summary>The requests that the sign-in turned away.</summary>
    private protected int TurnedAway => _emulator!.Counts.TurnedAway;

    public async ValueTask InitializeAsync()
    {
        var other = Audience is null ? Environment.GetEnvironmentVariable("LEYDEN_COG_URL") : null;
        _emulator = other is null
            ? await CogEmulator.StartAsync(new() { KarrasWorks = true, Audience = Audience }, Stop)
            : null;
        _driver = Audience is null
            ? new ContainerDriver(_emulator?.BaseUrl ?? new Uri(other!), ("Image", "model-server"))
            : ContainerDriver.BehindDoor(_emulator!, ("Image", "model-server"));
        await _driver.ReadyAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_run_gives_its_picture()
    {
        var (outcome, pictures) = await _driver.RunAsync(
            ContainerDriver.Request("a red circle", ("width", 320), ("height", 256))
        );

        var done = Assert.IsType<RunOutcome.Succeeded>(outcome);
        Assert.True(done.PredictTime > TimeSpan.Zero);
        var picture = Assert.Single(pictures);
        Assert.Equal(("image/png", 320, 256), (picture.ContentType, picture.Width, picture.Height));
    }

    [Fact]
    public async Task Four_pictures_come_in_one_answer_and_again_the_same()
    {
        var request = ContainerDriver.Request("a blue square", ("num_outputs", 4), ("seed", 7));

        var (_, first) = await _driver.RunAsync(request);
        var (_, second) = await _driver.RunAsync(request);

        Assert.Equal(4, first.Count);
        Assert.Equal(4, first.Select(p => p.Sha256).Distinct().Count());
        Assert.Equal(first.Select(p => p.Sha256), second.Select(p => p.Sha256));
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public async Task Each_scheduler_runs(string scheduler)
    {
        var (outcome, pictures) = await _driver.RunAsync(
            ContainerDriver.Request("a green triangle", ("scheduler", scheduler), ("num_inference_steps", 2))
        );

        Assert.IsType<RunOutcome.Succeeded>(outcome);
        Assert.Single(pictures);
    }

    [Theory]
    [InlineData("width", 100)]
    [InlineData("num_outputs", 5)]
    [InlineData("scheduler", 1)]
    public async Task A_wrong_input_is_told_by_its_field(string field, int value)
    {
        var (outcome, pictures) = await _driver.RunAsync(ContainerDriver.Request("a test", (field, value)));

        var failure = Assert.IsType<RunOutcome.Failed>(outcome).Failure;
        Assert.Equal(FailureCodes.InvalidInput, failure.Code);
        Assert.Contains(field, failure.Message, StringComparison.Ordinal);
        Assert.Empty(pictures);
    }

    [Fact]
    public async Task An_id_runs_again_once_it_is_over()
    {
        var id = ContainerDriver.NewId();
        var request = ContainerDriver.Request("a yellow ring", ("seed", 3));

        var (first, pictures) = await _driver.RunAsync(request, id);
        var (second, again) = await _driver.RunAsync(request, id);

        Assert.IsType<RunOutcome.Succeeded>(first);
        Assert.IsType<RunOutcome.Succeeded>(second);
        Assert.Equal(Assert.Single(pictures).Sha256, Assert.Single(again).Sha256);
    }

    [Fact]
    public async Task A_cancel_of_a_run_that_is_not_there_says_so() =>
        Assert.Equal(RunStop.NotRunning, await _driver.Backend.CancelAsync(ContainerDriver.NewId(), Stop));

    [Fact]
    public async Task A_run_is_canceled_by_its_id_or_has_finished_before()
    {
        var id = ContainerDriver.NewId();
        var run = _driver.RunAsync(
            ContainerDriver.Request("a slow one", ("num_outputs", 4), ("width", 1024), ("height", 1024)),
            id
        );
        var stop = RunStop.NotRunning;
        while (stop == RunStop.NotRunning && !run.IsCompleted)
        {
            stop = await _driver.Backend.CancelAsync(id, Stop);
        }

        var (outcome, _) = await run;
        Assert.True(
            stop == RunStop.Stopping
                ? outcome is RunOutcome.Canceled or RunOutcome.Succeeded
                : outcome is RunOutcome.Succeeded,
            $"{stop}: {outcome}"
        );
    }

    public static TheoryData<string> Schedulers() => [.. SdxlLightningInput.Schedulers];
}

/// <summary>The same, past a sign-in that demands the token of the deployment's identity: always of the emulator.</summary>
public sealed class CogConformanceBehindDoorTests : CogConformanceTests
{
    private protected override string Audience => "api://leyden-container";

    public override async ValueTask DisposeAsync()
    {
        Assert.Equal(0, TurnedAway);
        await base.DisposeAsync();
    }
}
