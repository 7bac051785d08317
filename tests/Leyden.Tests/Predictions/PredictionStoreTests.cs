using System.Text.Json.Nodes;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Storage;

namespace Leyden.Tests.Predictions;

public sealed class PredictionStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly Owner Alice = new("alice");
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _objects;
    private readonly PredictionStore _store;

    public PredictionStoreTests()
    {
        _objects = new FolderObjectStore(_folder.Path, null, TimeProvider.System);
        var swap = new CompareAndSwap(_objects, TimeProvider.System, Randomness.Create());
        _store = new PredictionStore(_objects, swap, new PredictionChanges(), new DeliveryLogs(_objects, swap));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _objects.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_record_reads_back_as_it_was_written()
    {
        var prediction = New(Alice, Start) with
        {
            Submission = new Submission(Start, "backend-1", Start.AddSeconds(1)),
            Failure = new PredictionFailure(FailureCodes.Nsfw, false, "no", "detail"),
            Notes = ["a note"],
            Subscriptions =
            [
                new(
                    Subscription.WebhookName,
                    ChannelKind.Webhook,
                    "https://a.example.com/",
                    [PredictionEvent.Failed],
                    true
                ),
            ],
            PredictTime = TimeSpan.FromSeconds(1.25),
            Cost = 0.0031m,
            IdempotencyLock = PredictionKeys.IdempotencyLock(Alice, "key"),
            Outputs =
            [
                new(
                    PredictionKeys.Output(Alice, PredictionId.New(Start, Randomness.Create()), 0),
                    "image/png",
                    3,
                    "ab",
                    8,
                    8
                ),
            ],
        };

        Assert.True(await _store.AddAsync(prediction, Stop));
        var read = await _store.FindAsync(Alice, prediction.Id, Stop);

        Assert.NotNull(read);
        Assert.Equal(prediction.Input.ToJsonString(), read.Input.ToJsonString());
        Assert.NotNull(read.ETag);
        var withSame = read with
        {
            Input = prediction.Input,
            Notes = prediction.Notes,
            Subscriptions = prediction.Subscriptions,
            Outputs = prediction.Outputs,
            ETag = null, // of the stored record, not in it
        };
        Assert.Equal(prediction, withSame);
        Assert.Equal(prediction.Outputs, read.Outputs);
        Assert.Equal([PredictionEvent.Failed], read.Subscriptions.Single().Events);
        var subscription = read.Subscriptions.Single() with { Events = prediction.Subscriptions.Single().Events };
        Assert.Equal(prediction.Subscriptions.Single(), subscription);
    }

    [Fact]
    public async Task The_first_record_of_an_id_stays()
    {
        var first = New(Alice, Start);
        await _store.AddAsync(first, Stop);

        Assert.False(await _store.AddAsync(first with { Model = "other" }, Stop));
        Assert.Equal(first.Model, (await _store.FindAsync(Alice, first.Id, Stop))!.Model);
    }

    [Fact]
    public async Task Nobody_sees_the_predictions_of_others()
    {
        var bob = new Owner("bob");
        var prediction = New(Alice, Start);
        await _store.AddAsync(prediction, Stop);

        Assert.Null(await _store.FindAsync(bob, prediction.Id, Stop));
        Assert.Empty((await _store.ListAsync(bob, null, 10, Stop)).Predictions);
    }

    [Fact]
    public async Task What_has_ended_never_changes_again()
    {
        var prediction = New(Alice, Start);
        await _store.AddAsync(prediction, Stop);
        await _store.ChangeAsync(Alice, prediction.Id, p => p with { Status = PredictionStatus.Failed }, Stop);

        var after = await _store.ChangeAsync(
            Alice,
            prediction.Id,
            _ => throw new InvalidOperationException("asked to change an ended record"),
            Stop
        );

        Assert.Equal(PredictionStatus.Failed, after!.Status);
    }

    [Fact]
    public async Task A_step_backwards_is_refused_and_nothing_is_written()
    {
        var prediction = New(Alice, Start) with { Status = PredictionStatus.Processing };
        await _store.AddAsync(prediction, Stop);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            _store.ChangeAsync(Alice, prediction.Id, p => p with { Status = PredictionStatus.Starting }, Stop)
        );
        Assert.Equal(PredictionStatus.Processing, (await _store.FindAsync(Alice, prediction.Id, Stop))!.Status);
    }

    [Fact]
    public async Task Of_many_writers_at_once_none_is_lost()
    {
        var prediction = New(Alice, Start);
        await _store.AddAsync(prediction, Stop);

        await Parallel.ForAsync(
            0,
            20,
            Stop,
            async (i, token) => await _store.ChangeAsync(Alice, prediction.Id, p => p.WithNote($"{i}"), token)
        );

        var notes = (await _store.FindAsync(Alice, prediction.Id, Stop))!.Notes;
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}").Order(), notes.Order());
    }

    [Fact]
    public async Task A_list_is_newest_first_and_its_cursor_skips_and_repeats_nothing()
    {
        var times = Enumerable.Range(0, 57).Select(i => Start.AddMinutes(i * 7)).ToList();
        foreach (var time in times.OrderBy(t => t.Minute))
        {
            await _store.AddAsync(New(Alice, time), Stop);
        }

        var seen = new List<DateTimeOffset>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(Alice, cursor, 10, Stop);
            Assert.InRange(page.Predictions.Count, 0, 10);
            seen.AddRange(page.Predictions.Select(p => p.CreatedAt));
            cursor = page.Cursor;
        } while (cursor is not null);

        Assert.Equal(times.OrderDescending(), seen);
    }

    [Fact]
    public async Task A_deleted_prediction_leaves_nothing_behind()
    {
        var prediction = New(Alice, Start) with { IdempotencyLock = PredictionKeys.IdempotencyLock(Alice, "key") };
        await _store.AddAsync(prediction, Stop);
        await _objects.PutJsonAsync(prediction.IdempotencyLock.Value, "lock", WriteCondition.None, Stop);
        using var picture = new MemoryStream([1, 2, 3]);
        await _objects.PutAsync(
            PredictionKeys.Output(Alice, prediction.Id, 3),
            picture,
            "image/png",
            WriteCondition.None,
            Stop
        );

        await _store.DeleteAsync(prediction, Stop);

        Assert.Empty((await _objects.ListAsync("", null, 100, Stop)).Keys);
    }

    private static Prediction New(Owner owner, DateTimeOffset time) =>
        new()
        {
            Id = PredictionId.New(time, Randomness.Create()),
            Owner = owner,
            Model = SdxlLightningInput.Model,
            Input = new JsonObject { ["prompt"] = "a cat", ["seed"] = 4294967295 },
            Workload = "2^6",
            Backend = "eachlabs",
            Status = PredictionStatus.Queued,
            CreatedAt = time,
            Deadline = time.AddMinutes(10),
        };
}
