using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Leyden.TestSupport;

namespace Leyden.Benchmarks.Scale;

/// <summary>
/// As many processes as a Functions app may have, each with a client and books of its own, at one backend in one storage account. Each
/// takes so many steps at once (<c>maxConcurrentActivityFunctions</c> of host.json), and a step that meets too much contention is
/// repeated as its orchestrator does.
/// </summary>
internal sealed class Swarm(
    Azurite azurite,
    IMeterFactory meters,
    BackendLimits limits,
    TimeSpan latency,
    bool isGrouped
)
{
    private const int StepsAtOnce = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly Random Ids = Randomness.Create();
    private readonly string _container = $"swarm-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private readonly Measures _measures = new();
    private readonly SwarmBackend _backend = new(limits);

    /// <summary>Takes predictions through the books: a place, the request of a look, and the end.</summary>
    /// <param name="processes">By how many processes.</param>
    /// <param name="predictions">How many predictions, all at once.</param>
    /// <param name="onlyEnter">Whether they only ask for their place, and wait for it.</param>
    public async Task<SwarmResult> RunAsync(int processes, int predictions, bool onlyEnter = false)
    {
        await using var proxy = await ObservedProxy.StartAsync(azurite.BlobEndpoint, AnswerAsync, default);
        var books = Enumerable.Range(0, processes).Select(_ => Open(proxy.Url)).ToList();
        var left = predictions;
        var done = 0;
        long repeats = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            books.SelectMany(b => Enumerable.Repeat(b, StepsAtOnce)).Select(b => Task.Run(() => WorkAsync(b)))
        );
        var took = Stopwatch.GetElapsedTime(start);
        return new SwarmResult(done, repeats, took, _measures);

        async Task WorkAsync(IBooks own)
        {
            try
            {
                while (Stopwatch.GetElapsedTime(start) < Patience && Interlocked.Decrement(ref left) >= 0)
                {
                    var prediction = NewPrediction(TimeProvider.System.GetUtcNow());
                    if (onlyEnter)
                    {
                        await RepeatAsync(() => own.EnterAsync(prediction));
                        Interlocked.Increment(ref done);
                        continue;
                    }

                    await GoesAsync(() => own.EnterAsync(prediction));
                    await GoesAsync(() => own.RequestAsync(prediction));
                    await RepeatAsync(() => own.LeaveAsync(prediction));
                    Interlocked.Increment(ref done);
                }
            }
            catch (ContentionException)
            {
                // Its time is over.
            }
        }

        async Task GoesAsync(Func<Task<LedgerAnswer>> ask)
        {
            if (await RepeatAsync(ask) is not LedgerAnswer.Go)
            {
                throw new InvalidOperationException("The limits are far away, and yet it must wait.");
            }
        }

        async Task<T> RepeatAsync<T>(Func<Task<T>> step)
        {
            while (true)
            {
                try
                {
                    return await step();
                }
                catch (ContentionException) when (Stopwatch.GetElapsedTime(start) < Patience)
                {
                    Interlocked.Increment(ref repeats);
                }
            }
        }
    }

    private Prediction NewPrediction(DateTimeOffset now) =>
        new()
        {
            Id = PredictionId.New(now, Ids),
            Owner = Owner.Local,
            Model = SdxlLightningInput.Model,
            Input = [],
            Workload = "w",
            Backend = _backend.Name,
            Status = PredictionStatus.Queued,
            CreatedAt = now,
            Deadline = now + TimeSpan.FromMinutes(10),
        };

    private IBooks Open(Uri url)
    {
        var client = new BlobServiceClient(
            $"DefaultEndpointsProtocol=http;AccountName={Azurite.AccountName};AccountKey={Azurite.AccountKey};BlobEndpoint={url};"
        );
        var blobs = new BlobObjectStore(client, _container, TimeProvider.System);
        var store = new MeasuredObjectStore(blobs, _measures);
        var swap = new CompareAndSwap(store, TimeProvider.System, Randomness.Create());
        return isGrouped
            ? new LedgerBooks(new BackendLedger(store, new LeydenMetrics(meters), TimeProvider.System, Ids), _backend)
            : new OneByOneBooks(swap, new ObjectKey($"backends/{_backend.Name}.json"), limits);
    }

    private async ValueTask AnswerAsync(ObservedRequest request)
    {
        _measures.Transacted();
        await Task.Delay(latency, TimeProvider.System);
    }
}

/// <summary>What a swarm did.</summary>
/// <param name="Predictions">How many it took through the books until its time was over.</param>
/// <param name="Repeats">How often a step was given up for too much contention and repeated.</param>
/// <param name="Took">From the first to the last.</param>
/// <param name="Measures">What that cost.</param>
internal sealed record SwarmResult(int Predictions, long Repeats, TimeSpan Took, Measures Measures)
{
    /// <summary>Three for each prediction.</summary>
    public int Changes => 3 * Predictions;
}
