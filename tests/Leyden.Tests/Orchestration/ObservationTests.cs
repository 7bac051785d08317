using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Tests.Orchestration;

/// <summary>How predictions are followed to their end, on the real engine.</summary>
public sealed class ObservationTests
{
    private static readonly PredictionFailure Fault = new("test_fault", true, "told to fail", "in detail");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prediction_succeeds_with_its_picture_stored_and_nothing_left_open()
    {
        await using var world = await PredictionWorld.StartAsync();

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        var picture = Assert.Single(ended.Outputs);
        Assert.Equal(("image/png", 1, 1), (picture.ContentType, picture.Width, picture.Height));
        Assert.Equal((TimeSpan.FromSeconds(0.5), 0.003m, "done"), (ended.PredictTime, ended.Cost, ended.Logs));
        await using var stored = await world.Get<IObjectStore>().GetAsync(picture.Key, Stop);
        Assert.Equal(picture.Length, stored!.Length);
        Assert.Empty((await world.Get<IObjectStore>().ListAsync(PredictionKeys.Open, null, 10, Stop)).Keys);
        var request = Assert.Single(world.Backend.Requests);
        Assert.Equal(ended.Input.ToJsonString(), request.Input.ToJsonString());
    }

    [Theory]
    [InlineData(0, 4)] // accepted, marked, submitted, ended
    [InlineData(3, 5)]
    public async Task The_record_says_that_pictures_are_stored_only_when_that_takes_a_moment(int seconds, int writes)
    {
        SlowOutputStore store = null!;
        await using var world = await PredictionWorld.StartAsync(decorate: inner =>
            store = new(inner, TimeSpan.FromSeconds(seconds))
        );

        await world.RunAsync();

        Assert.Equal(writes, store.Records.Count);
        Assert.Equal(writes == 5 ? 1 : 0, store.Records.Count(r => (bool?)r["storing"] ?? false));
        Assert.Equal("succeeded", (string?)store.Records.Last()["status"]);
    }

    [Fact]
    public async Task Later_looks_follow_while_the_backend_is_at_work()
    {
        var backend = new ScriptedBackend();
        backend.Looks.Enqueue(new ObserveOutcome.Running(Started: false));
        backend.Looks.Enqueue(new ObserveOutcome.Running(Started: true));
        backend.Looks.Enqueue(new ObserveOutcome.Unavailable(Fault));
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal(4, backend.Observations);
    }

    [Fact]
    public async Task A_prediction_of_many_looks_keeps_its_history_short()
    {
        var backend = new ScriptedBackend();
        for (var i = 0; i < 30; i++)
        {
            backend.Looks.Enqueue(new ObserveOutcome.Throttled(TimeSpan.FromMilliseconds(1)));
        }

        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        var history = await world.Client.GetOrchestrationHistoryAsync(ended.Id.Value, Stop);
        Assert.InRange(history.Count, 1, 150);
    }

    [Fact]
    public async Task A_backend_that_asked_to_wait_and_then_does_not_know_it_for_a_moment_has_not_lost_it()
    {
        var backend = new ScriptedBackend();
        for (var i = 0; i < 6; i++)
        {
            backend.Looks.Enqueue(new ObserveOutcome.Throttled(TimeSpan.FromMilliseconds(1)));
        }

        backend.Looks.Enqueue(new ObserveOutcome.Missing());
        await using var world = await PredictionWorld.StartAsync(backend);

        Assert.Equal(PredictionStatus.Succeeded, (await world.RunAsync()).Status);
    }

    [Fact]
    public async Task A_backend_that_forgets_what_it_accepted_ends_the_prediction_as_lost()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Missing() };
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal(FailureCodes.BackendLost, ended.Failure?.Code);
        Assert.Equal(5, backend.Observations);
    }

    [Fact]
    public async Task A_picture_that_can_not_be_fetched_is_asked_for_again_and_then_given_up()
    {
        var backend = new ScriptedBackend
        {
            Otherwise = new ObserveOutcome.Succeeded([new Uri("data:image/png;base64,AAAA")], null, 0.003m, null),
        };
        await using var world = await PredictionWorld.StartAsync(backend);

        var ended = await world.RunAsync();

        Assert.Equal((PredictionStatus.Failed, FailureCodes.OutputUnavailable), (ended.Status, ended.Failure?.Code));
        Assert.Equal(0.003m, ended.Cost); // it was billed, and the record says so
    }

    [Fact]
    public async Task After_a_restart_what_was_running_goes_on_and_is_not_submitted_again()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();
        await PredictionWorld.EventuallyAsync(() => Task.FromResult(backend.Observations > 0), "it is looked at");

        await world.StopAsync();
        backend.Otherwise = ScriptedBackend.Done();
        await world.StartAsync();
        var ended = await world.EndAsync(created.Id);

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Single(backend.Requests);
    }
}
