using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CsCheck;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Leyden.Tests.Orchestration;
using Leyden.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Backends;

/// <summary>
/// Many predictions in several processes at the books of one backend, with processes killed at any storage operation: whatever happens,
/// each version of the books keeps the limits and the order, and everybody gets through.
/// </summary>
public sealed class LedgerContentionTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Guard = TimeSpan.FromMilliseconds(30);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Limits_and_order_hold_in_every_version_of_the_books_whoever_is_killed() =>
        await Gen.Select(
                Gen.Int[1, 4],
                Gen.Int[1, 20],
                Gen.Int[1, 4],
                Gen.OneOf(Gen.Int[3, 12], Gen.Int[241, 300]),
                Gen.Int[5, 30]
            )
            .SampleAsync(
                async (processes, predictions, places, perMinute, failsEvery) =>
                {
                    using var folder = new TemporaryFolder();
                    var inner = new FolderObjectStore(folder.Path, null, TimeProvider.System);
                    var limits = new BackendLimits(perMinute, places, TimeSpan.FromSeconds(1), false);
                    var world = new World(inner, limits, processes, failsEvery, _services);
                    await world.RunAsync(predictions).WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, Stop);

                    var versions = world.Versions;
                    Assert.All(versions, v => CheckLimits(v, limits));
                    Assert.All(versions.Zip(versions.Skip(1)), v => CheckOrder(v.First, v.Second));
                    Assert.Empty(versions[^1].Running);
                    Assert.Empty(versions[^1].Waiting);
                },
                iter: 15,
                threads: 1
            );

    private static void CheckLimits(LedgerState books, BackendLimits limits)
    {
        Assert.True(books.Running.Count <= limits.MaxConcurrent, "too many have a place");
        Assert.Equal(books.Running.Count, books.Running.Select(p => p.Id).Distinct().Count());
        Assert.Empty(books.Waiting.Intersect(books.Running.Select(p => p.Id)));
        Assert.Equal(books.Waiting.Order(StringComparer.Ordinal).Distinct(), books.Waiting);
        foreach (var last in books.Requests)
        {
            var within = books.Requests.Where(r => r.Time <= last.Time && r.Time > last.Time - TimeSpan.FromMinutes(1));
            Assert.True(within.Sum(r => r.Number) <= limits.RequestsPerMinute, "too many requests in a minute");
        }
    }

    // Who waits before and after was overtaken by nobody that was older in no list: a place goes to the head of the queue.
    private static void CheckOrder(LedgerState before, LedgerState after)
    {
        var stay = before.Waiting.Intersect(after.Waiting).ToList();
        var placed = after.Running.Select(p => p.Id).Except(before.Running.Select(p => p.Id));
        Assert.DoesNotContain(placed, id => stay.Exists(s => string.CompareOrdinal(s, id) < 0));
    }

    /// <summary>The predictions and the processes that take their steps.</summary>
    private sealed class World(
        IObjectStore inner,
        BackendLimits limits,
        int processes,
        int failsEvery,
        IServiceProvider services
    )
    {
        private readonly VersionedObjectStore _store = new(inner);
        private readonly ManualClock _clock = new(Start);
        private readonly ScriptedBackend _backend = new() { Limits = limits };
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _calls = new();
        private BackendLedger[] _ledgers = [];

        public IReadOnlyList<LedgerState> Versions => _store.Versions;

        public Task RunAsync(int predictions)
        {
            _ledgers = [.. Enumerable.Range(0, processes).Select(_ => Open())];
            return Task.WhenAll(Enumerable.Range(0, predictions).Select(i => Task.Run(() => LiveAsync(i), Stop)));
        }

        private async Task LiveAsync(int number)
        {
            var prediction = New(number);
            var process = number % processes;
            await GoAsync(process, prediction, ledger => ledger.EnterAsync(_backend, prediction, Stop));
            await GoAsync(process, prediction, ledger => ledger.RequestAsync(_backend, prediction, Stop));
            var called = await StepAsync(process, ledger => ledger.LeaveAsync(_backend, prediction, null, Stop));
            foreach (var id in called)
            {
                _calls.GetOrAdd(id, _ => new()).TrySetResult();
            }
        }

        /// <summary>Asks until it may go, as the orchestration of a prediction does.</summary>
        private async Task GoAsync(int process, Prediction prediction, Func<BackendLedger, Task<LedgerAnswer>> ask)
        {
            while (true)
            {
                switch (await StepAsync(process, ask))
                {
                    case LedgerAnswer.Go:
                        return;
                    case LedgerAnswer.Wait wait:
                        _clock.ReachAtLeast(wait.Until);
                        break;
                    default:
                        var call = _calls.GetOrAdd(prediction.Id.Value, _ => new());
                        await Task.WhenAny(call.Task, Task.Delay(Guard, TimeProvider.System, Stop));
                        break;
                }
            }
        }

        /// <summary>Takes a step; where the process dies of it, another one repeats it.</summary>
        private async Task<T> StepAsync<T>(int process, Func<BackendLedger, Task<T>> step)
        {
            while (true)
            {
                try
                {
                    return await step(_ledgers[process]);
                }
                catch (IOException)
                {
                    _ledgers[process] = Open();
                }
            }
        }

        private BackendLedger Open()
        {
            var metrics = new LeydenMetrics(services.GetRequiredService<IMeterFactory>());
            var store = new FaultyObjectStore(_store) { FailsEvery = failsEvery };
            return new BackendLedger(store, metrics, _clock, Randomness.Create());
        }

        private Prediction New(int number) =>
            new()
            {
                Id = PredictionId.New(Start.AddMilliseconds(number), Randomness.Create()),
                Owner = Owner.Local,
                Model = SdxlLightningInput.Model,
                Input = [],
                Workload = "w",
                Backend = _backend.Name,
                Status = PredictionStatus.Queued,
                CreatedAt = Start,
                Deadline = Start + TimeSpan.FromDays(1),
            };
    }
}
