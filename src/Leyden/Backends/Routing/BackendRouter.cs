using Leyden.Predictions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Backends;

/// <summary>
/// Chooses the backend of predictions that leave it to the program, before anything is submitted: by the rule of docs/decisions/0016.
/// </summary>
public sealed partial class BackendRouter(
    PredictionStore store,
    BackendDirectory backends,
    BackendLedger ledger,
    BackendHealthBook health,
    SleepingBackends sleepers,
    IOptions<RoutingRule> rule,
    TimeProvider time,
    ILogger<BackendRouter> logger
)
{
    /// <summary>Looks whether a prediction is where it should be, and moves it when it is not.</summary>
    /// <param name="prediction">As it was read.</param>
    /// <param name="isFailing">Whether its backend has just failed it, so that any other is better.</param>
    /// <param name="cancellationToken">Stops; repeat the step.</param>
    /// <returns>The prediction with its backend, and who has been called to the place that it left.</returns>
    public async Task<(Prediction Prediction, IReadOnlyList<string> Called)> RouteAsync(
        Prediction prediction,
        bool isFailing,
        CancellationToken cancellationToken
    )
    {
        if (!MayMove(prediction))
        {
            return (prediction, []);
        }

        var now = time.GetUtcNow();
        var left = prediction.Deadline - now;
        var prognoses = await ForeseeAsync(prediction, isFailing, now, cancellationToken);
        if (Stays(prognoses.FirstOrDefault(p => p.Backend.Name == prediction.Backend && !IsSleeper(p.Backend))))
        {
            return (prediction, []);
        }

        prognoses = await sleepers.ConsiderAsync(prediction, prognoses, cancellationToken);
        if (Stays(prognoses.FirstOrDefault(p => p.Backend.Name == prediction.Backend)))
        {
            return (prediction, []);
        }

        return await ChooseAsync(prediction, prognoses, now, cancellationToken);

        // Who has waited somewhere keeps its turn, while that still leads anywhere.
        bool Stays(BackendPrognosis? here) =>
            prediction.BackendReason is not null && here is { Out: null, Cold: null } && here.Total <= left;
    }

    /// <summary>Whether another backend could take a prediction that its own has just failed.</summary>
    public async Task<bool> HasOtherAsync(Prediction prediction, CancellationToken cancellationToken)
    {
        if (!MayMove(prediction))
        {
            return false;
        }

        var now = time.GetUtcNow();
        foreach (var backend in backends.Candidates(prediction.Model, prediction.Input))
        {
            if (
                backend.Name != prediction.Backend
                && !(await health.ReadAsync(backend.Name, cancellationToken)).IsOutFor(prediction.Id.Value, now)
            )
            {
                return true;
            }
        }

        return false;
    }

    private async Task<List<BackendPrognosis>> ForeseeAsync(
        Prediction prediction,
        bool isFailing,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var prognoses = new List<BackendPrognosis>();
        foreach (var backend in backends.Candidates(prediction.Model, prediction.Input))
        {
            var foreseen = await ForeseeAsync(prediction, backend, now, cancellationToken);
            // A moment's trouble is worth a warm container, not a cold start; what lasts is for the breaker to tell.
            prognoses.Add(
                isFailing && backend.Name == prediction.Backend
                    ? foreseen with
                    {
                        Wait = foreseen.Wait + rule.Value.BreakerPause,
                        Cold = "it could not be reached",
                    }
                    : foreseen
            );
        }

        return prognoses;
    }

    private async Task<(Prediction, IReadOnlyList<string>)> ChooseAsync(
        Prediction prediction,
        List<BackendPrognosis> prognoses,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var left = prediction.Deadline - now;
        while (BackendPrognosis.Best(prognoses, left, rule.Value) is { } best)
        {
            if (prediction.BackendReason is not null && best.Backend.Name == prediction.Backend)
            {
                break;
            }

            if (await TakesAsync(best.Backend, prediction, now, cancellationToken))
            {
                return await MoveAsync(prediction, best, prognoses, cancellationToken);
            }

            prognoses[prognoses.IndexOf(best)] = best with { Out = "another prediction tries it" };
        }

        return (prediction, []);
    }

    private static bool IsSleeper(IBackend backend) => backend is ISynchronousBackend { Sleeps: true };

    private static bool MayMove(Prediction prediction) =>
        prediction is { IsRouted: true, Submission: null, Attempts: 0, CancelRequestedAt: null };

    private async Task<BackendPrognosis> ForeseeAsync(
        Prediction prediction,
        IBackend backend,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var books = await ledger.ReadRecentAsync(backend.Name, cancellationToken);
        var state = await health.ReadAsync(backend.Name, cancellationToken);
        var id = prediction.Id.Value;
        var foreseen = BackendPrognosis.Of(backend, books, id, prediction.Model, prediction.Workload, now);
        return state.IsOutFor(id, now) ? foreseen with { Out = state.Reason ?? "it failed" } : foreseen;
    }

    private async Task<bool> TakesAsync(
        IBackend backend,
        Prediction prediction,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        !(await health.ReadAsync(backend.Name, cancellationToken)).NeedsProbe(now)
        || await health.TryProbeAsync(backend.Name, prediction.Id.Value, cancellationToken);

    private async Task<(Prediction, IReadOnlyList<string>)> MoveAsync(
        Prediction prediction,
        BackendPrognosis to,
        IReadOnlyList<BackendPrognosis> all,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> called = [];
        if (to.Backend.Name != prediction.Backend && backends.Find(prediction.Backend) is { } from)
        {
            // Before the record: a place that is kept by nobody would stay taken until the deadline.
            called = await ledger.LeaveAsync(from, prediction, null, cancellationToken);
        }

        var reason = ReasonFor(to, all);
        var moved = await store.ChangeAsync(
            prediction,
            p => MayMove(p) ? p with { Backend = to.Backend.Name, BackendReason = reason } : null,
            cancellationToken
        );
        Log.Routed(logger, prediction.Id, to.Backend.Name, reason);
        return (moved ?? prediction, called);
    }

    private static string ReasonFor(BackendPrognosis to, IReadOnlyList<BackendPrognosis> all)
    {
        var others = all.Where(p => p != to).Select(Describe);
        var own =
            to.Cold is not null ? $"chosen although {to.Cold}"
            : to.Wait > TimeSpan.Zero ? $"expected to begin in {to.Wait.TotalSeconds:0} s"
            : "free";
        return string.Join("; ", others.Prepend($"{to.Backend.Name}: {own}"));
    }

    private static string Describe(BackendPrognosis other) =>
        other.Out is { } reason ? $"{other.Backend.Name} is out: {reason}"
        : other.Cold is { } cold ? $"{other.Backend.Name}: {cold}"
        : $"{other.Backend.Name} is expected to begin in {other.Wait.TotalSeconds:0} s";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Prediction {Id} goes to {Backend}: {Reason}")]
        public static partial void Routed(ILogger logger, PredictionId id, string backend, string reason);
    }
}
