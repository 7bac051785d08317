using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Tests.Orchestration;

public sealed class PredictionServiceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_idempotency_key_at_once_and_later_is_one_prediction_and_one_submission()
    {
        await using var world = await PredictionWorld.StartAsync();
        var request = PredictionWorld.Request(key: "order-17");

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(() => world.Service.CreateAsync(request, world.Client, Stop)))
        );
        var created = outcomes.Select(o => Assert.IsType<CreateOutcome.Created>(o)).ToList();
        var id = Assert.Single(created.Select(c => c.Prediction.Id).Distinct());
        Assert.Single(created, c => !c.IsRepeat);
        await world.EndAsync(id);
        var later = Assert.IsType<CreateOutcome.Created>(await world.Service.CreateAsync(request, world.Client, Stop));

        Assert.Equal((id, true), (later.Prediction.Id, later.IsRepeat));
        Assert.Equal(PredictionStatus.Succeeded, later.Prediction.Status);
        Assert.Single(world.Backend.Requests);
    }

    [Fact]
    public async Task A_key_that_stands_for_another_wish_is_refused()
    {
        await using var world = await PredictionWorld.StartAsync();
        await world.CreateAsync(PredictionWorld.Request("a cat", key: "k"));

        var other = await world.Service.CreateAsync(PredictionWorld.Request("a dog", key: "k"), world.Client, Stop);

        Assert.IsType<CreateOutcome.KeyReused>(other);
    }

    [Fact]
    public async Task Fields_in_another_order_are_the_same_wish_and_keys_are_each_callers_own()
    {
        await using var world = await PredictionWorld.StartAsync();
        var first = PredictionWorld.Request(key: "k") with
        {
            Input = new JsonObject { ["prompt"] = "a", ["width"] = 512 },
        };
        var created = await world.CreateAsync(first);

        var reordered = await world.CreateAsync(
            first with
            {
                Input = new JsonObject { ["width"] = 512, ["prompt"] = "a" },
            }
        );
        var somebodyElse = await world.CreateAsync(first with { Owner = new Owner("bob") });

        Assert.Equal(created.Id, reordered.Id);
        Assert.NotEqual(created.Id, somebodyElse.Id);
    }

    [Fact]
    public async Task Every_fault_of_a_wish_is_reported_and_nothing_is_stored()
    {
        await using var world = await PredictionWorld.StartAsync();
        var request = PredictionWorld.Request() with
        {
            Input = new JsonObject { ["width"] = 3 },
            Backend = "nowhere",
            Deadline = TimeSpan.FromSeconds(1),
            IdempotencyKey = new string('k', 256),
        };

        var outcome = await world.Service.CreateAsync(request, world.Client, Stop);

        var fields = Assert.IsType<CreateOutcome.Invalid>(outcome).Errors.Select(e => e.Field);
        Assert.Equal(["Idempotency-Key", "deadline", "backend", "prompt", "width"], fields);
        Assert.Empty((await world.Get<IObjectStore>().ListAsync("", null, 10, Stop)).Keys);
    }

    [Fact]
    public async Task Another_model_goes_the_same_way_with_its_input_as_it_is()
    {
        await using var world = await PredictionWorld.StartAsync();
        var input = new JsonObject { ["image"] = "https://example.com/a.png", ["strength"] = 0.8 };

        var ended = await world.RunAsync(PredictionWorld.Request() with { Model = "omni-zero", Input = input });

        Assert.Equal(PredictionStatus.Succeeded, ended.Status);
        Assert.Equal(input.ToJsonString(), Assert.Single(world.Backend.Requests).Input.ToJsonString());
    }

    [Theory]
    [InlineData("../secrets")]
    [InlineData("")]
    [InlineData("Model With Spaces")]
    public async Task What_is_no_model_is_refused(string model)
    {
        await using var world = await PredictionWorld.StartAsync();

        var outcome = await world.Service.CreateAsync(
            PredictionWorld.Request() with
            {
                Model = model,
            },
            world.Client,
            Stop
        );

        Assert.Equal("model", Assert.Single(Assert.IsType<CreateOutcome.Invalid>(outcome).Errors).Field);
    }

    [Fact]
    public async Task Only_what_has_ended_can_be_deleted()
    {
        var backend = new ScriptedBackend { Otherwise = new ObserveOutcome.Running(Started: true) };
        await using var world = await PredictionWorld.StartAsync(backend);
        var created = await world.CreateAsync();

        Assert.False(await world.Service.DeleteAsync(Owner.Local, created.Id, Stop));
        Assert.Null(await world.Service.DeleteAsync(new Owner("bob"), created.Id, Stop));

        backend.Otherwise = ScriptedBackend.Done();
        await world.EndAsync(created.Id);
        Assert.True(await world.Service.DeleteAsync(Owner.Local, created.Id, Stop));
        Assert.Null(await world.Service.FindAsync(Owner.Local, created.Id, Stop));
    }
}
