using System.Collections.Concurrent;
using Leyden.Predictions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Backends;

/// <summary>
/// What is to be expected of backends that sleep when nobody uses them, and when to wake them. To ask one for its readiness wakes it, and
/// keeps it awake, which costs; so one that is taken to be asleep is only asked when that pays.
/// </summary>
public sealed partial class SleepingBackends(
    BackendHealthBook health,
    IOptions<RoutingRule> rule,
    TimeProvider time,
    ILogger<SleepingBackends> logger
)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, (Readiness Readiness, long AskedAt)> _recent = new();

    /// <summary>Completes the prognoses of backends that sleep, and wakes those that are worth it.</summary>
    public async Task<List<BackendPrognosis>> ConsiderAsync(
        Prediction prediction,
        IReadOnlyList<BackendPrognosis> prognoses,
        CancellationToken cancellationToken
    )
    {
        var considered = new List<BackendPrognosis>();
        foreach (var foreseen in prognoses)
        {
            var others = prognoses.Where(p => p != foreseen && p.Out is null).ToList();
            considered.Add(
                foreseen.Backend is ISynchronousBackend { Sleeps: true } backend && foreseen.Out is null
                    ? await ConsiderAsync(prediction, foreseen, backend, others, cancellationToken)
                    : foreseen
            );
        }

        return considered;
    }

    private async Task<BackendPrognosis> ConsiderAsync(
        Prediction prediction,
        BackendPrognosis foreseen,
        ISynchronousBackend backend,
        IReadOnlyList<BackendPrognosis> others,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var settings = rule.Value;
        var state = await health.ReadAsync(backend.Name, cancellationToken);
        var isAwake = state.WarmAt > now - settings.WarmTime;
        var isStarting = state.WokenAt > now - settings.WarmTime - settings.ColdStart;
        var runs = 1 + state.Diversions.Count(d => d > now - settings.WarmTime);
        var pays = Pays(backend, others, runs, settings);
        if (!isAwake && !isStarting && !pays)
        {
            await NoteAsync(prediction, backend, wakes: false, cancellationToken);
            return foreseen with
            {
                Wait = foreseen.Wait + settings.ColdStart,
                Cold = $"asleep, and {runs} runs in {settings.WarmTime.TotalMinutes:0.#} min do not pay for a start",
            };
        }

        switch (await AskAsync(backend, cancellationToken))
        {
            case Readiness.Ready:
            case Readiness.Busy:
                await health.NoteSuccessAsync(backend.Name, cancellationToken);
                return foreseen;
            case Readiness.Broken broken:
                await health.NoteFailureAsync(backend.Name, broken.Failure.Message, isLasting: true, cancellationToken);
                return foreseen with { Out = broken.Failure.Message };
            case Readiness.Unreachable unreachable:
                await health.NoteFailureAsync(
                    backend.Name,
                    unreachable.Failure.Message,
                    isLasting: false,
                    cancellationToken
                );
                return foreseen with { Out = unreachable.Failure.Message };
            default:
                var wakes = !isStarting;
                await NoteAsync(prediction, backend, wakes, cancellationToken);
                var gone = isStarting ? now - state.WokenAt!.Value : TimeSpan.Zero;
                var toGo = settings.ColdStart > gone ? settings.ColdStart - gone : TimeSpan.Zero;
                // One that takes longer than it should is still not there.
                toGo = toGo > settings.ColdStart / 10 ? toGo : settings.ColdStart / 10;
                return foreseen with
                {
                    Wait = foreseen.Wait + toGo,
                    Cold = $"it starts, about {toGo.TotalSeconds:0} s to go",
                };
        }
    }

    /// <summary>
    /// Whether to wake a backend: when nothing else can take predictions or begins sooner, when nobody knows what being awake costs, or when
    /// as many runs elsewhere cost as much as it does to be awake for as long.
    /// </summary>
    private static bool Pays(
        ISynchronousBackend backend,
        IReadOnlyList<BackendPrognosis> others,
        int runs,
        RoutingRule rule
    )
    {
        if (others.Count == 0 || others.Min(o => o.Wait) > rule.ColdStart)
        {
            return true;
        }

        var other = others.MinBy(o => o.Total)!;
        var perRun = (other.Backend.PricePerSecond ?? 0) * (decimal)other.Run.TotalSeconds;
        return backend.PricePerSecond is not { } price || runs * perRun >= price * (decimal)rule.WarmTime.TotalSeconds;
    }

    // Once for each prediction: one that is looked at again is no further run.
    private Task NoteAsync(
        Prediction prediction,
        ISynchronousBackend backend,
        bool wakes,
        CancellationToken cancellationToken
    )
    {
        if (wakes)
        {
            Log.Waking(logger, backend.Name);
        }

        return wakes || prediction.BackendReason is null
            ? health.NoteDiversionAsync(backend.Name, wakes, cancellationToken)
            : Task.CompletedTask;
    }

    private async Task<Readiness> AskAsync(ISynchronousBackend backend, CancellationToken cancellationToken)
    {
        if (_recent.TryGetValue(backend.Name, out var known) && time.GetElapsedTime(known.AskedAt) < Freshness)
        {
            return known.Readiness;
        }

        var readiness = await backend.CheckReadinessAsync(cancellationToken);
        _recent[backend.Name] = (readiness, time.GetTimestamp());
        return readiness;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Waking {Backend} for predictions to come")]
        public static partial void Waking(ILogger logger, string backend);
    }
}
