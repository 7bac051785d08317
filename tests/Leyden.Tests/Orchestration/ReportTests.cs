using Leyden.Backends;
using Leyden.Callbacks;
using Leyden.Orchestration;
using Leyden.Predictions;
using Microsoft.Extensions.Hosting;

namespace Leyden.Tests.Orchestration;

/// <summary>What a report of the backend does to an orchestration, on the real engine.</summary>
public sealed class ReportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_before_the_submission_is_recorded_leads_to_one_look_right_after()
    {
        var backend = new ScriptedBackend();
        await using var world = await PredictionWorld.StartAsync(backend);
        await LearnAsync(world, took: TimeSpan.FromMinutes(5)); // the schedule alone would look in five minutes
        backend.OnSubmit = _ => HintAsync(world);

        var ended = await world.RunAsync();

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal(1, backend.Observations);
    }

    [Fact]
    public async Task A_report_during_a_look_leads_to_another()
    {
        var backend = new ScriptedBackend { CanReport = true, Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend, configure: At("https://leyden.example.com"));
        var created = await world.CreateAsync();
        // The wait for the report was given up when this look became due: what comes meanwhile must not be lost with it.
        backend.OnObserve = async () =>
        {
            if (backend.Observations == 2)
            {
                backend.Otherwise = ScriptedBackend.Done();
                backend.OnObserve = null;
                await HintAsync(world, created);
                return new ObserveOutcome.Running(Started: true);
            }

            return null;
        };

        await world.EndAsync(created.Id);

        Assert.Equal(3, backend.Observations);
        Assert.Equal(1, (await world.Get<BackendLedger>().ReadAsync(backend.Name, Stop)).Callbacks.InARow);
    }

    [Theory]
    [InlineData("https://leyden.example.com", true, true)]
    [InlineData("https://leyden.example.com/pictures/", true, true)]
    [InlineData("https://leyden.example.com", false, false)]
    [InlineData("http://leyden.example.com", true, false)] // would tell the token to everybody on the way
    [InlineData(null, true, false)]
    public async Task Only_a_backend_that_can_is_asked_and_only_at_an_address_that_keeps_the_token_secret(
        string? root,
        bool canReport,
        bool isAsked
    )
    {
        var backend = new ScriptedBackend { CanReport = canReport };
        await using var world = await PredictionWorld.StartAsync(backend, configure: At(root));

        var ended = await world.RunAsync();

        var request = Assert.Single(backend.Requests);
        Assert.Equal(isAsked, ended.Submission!.Reported);
        Assert.Equal(isAsked, request.Callback is not null);
        if (request.Callback is { } url)
        {
            Assert.StartsWith($"{root!.TrimEnd('/')}/v1/callbacks/", url.AbsoluteUri, StringComparison.Ordinal);
            var subject = await world.Get<CallbackTokens>().ReadAsync(url.Segments[^1], Stop);
            Assert.Equal(new CallbackSubject(ended.Owner, ended.Id), subject);
        }
    }

    [Fact]
    public async Task Reports_of_what_has_ended_or_never_was_do_no_harm()
    {
        await using var world = await PredictionWorld.StartAsync();
        var ended = await world.RunAsync();
        var unknown = ended with { Id = PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create()) };

        await HintAsync(world, ended);
        await HintAsync(world, unknown);

        Assert.Equal(1, world.Backend.Observations);
    }

    private static Action<HostApplicationBuilder> At(string? root) =>
        builder => builder.Configuration["Leyden:PublicBaseUrl"] = root;

    private static async Task HintAsync(PredictionWorld world)
    {
        var open = await world.Store.ListAsync(Owner.Local, null, 1, Stop);
        await HintAsync(world, open.Predictions[0]);
    }

    private static Task HintAsync(PredictionWorld world, Prediction prediction) =>
        world.Get<PredictionScheduler>().HintAsync(prediction, world.Client, Stop);

    private static async Task LearnAsync(PredictionWorld world, TimeSpan took)
    {
        var ledger = world.Get<BackendLedger>();
        var example = await world.CreateAsync();
        await world.EndAsync(example.Id);
        world.Backend.Observations = 0;
        for (var i = 0; i < 30; i++)
        {
            var other = example with { Id = PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create()) };
            await ledger.EnterAsync(world.Backend, other, Stop);
            var run = new RunSample(example.Model, example.Workload, took, took, null);
            await ledger.LeaveAsync(world.Backend, other, run, Stop);
        }
    }
}
