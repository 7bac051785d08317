using Leyden.Notifications;
using Microsoft.DurableTask;

namespace Leyden.Orchestration;

/// <summary>
/// Leads one prediction to its end: takes a step (an activity), then waits for whichever comes first: the moment that the step
/// named, a wake-up, the caller's cancel, the deadline. Deterministic; the order of its calls is recorded in histories, so a
/// change of it needs a new version.
/// </summary>
public sealed class PredictionOrchestrator : TaskOrchestrator<PredictionWork, string?>
{
    /// <summary>After so many steps the history starts anew, so that a prediction of hours stays as cheap as one of seconds.</summary>
    private const int StepsPerGeneration = 25;

    // The framework's tag for children that report to nobody (OrchestrationTags of DurableTask.Core).
    private static readonly Dictionary<string, string> FireAndForget = new() { ["FireAndForget"] = "" };

    /// <inheritdoc/>
    public override async Task<string?> RunAsync(TaskOrchestrationContext context, PredictionWork input)
    {
        var cancel = context.WaitForExternalEvent<string?>(PredictionEvents.Cancel);
        var reports = new Reports(context);
        var runs = new Runs(context, input.Deadline);
        var step = input.Step;
        for (var taken = 1; ; taken++)
        {
            var result =
                step.Kind == StepKind.Run ? await runs.TakeAsync(step, cancel) : await TakeAsync(context, step);
            foreach (var sleeper in result.Wake)
            {
                context.SendEvent(sleeper, PredictionEvents.Place, context.InstanceId);
            }

            foreach (var courier in result.Couriers ?? [])
            {
                await context.CallSubOrchestratorAsync(nameof(DeliveryOrchestrator), courier, LeftAlone(courier));
            }

            context.SetCustomStatus(new PredictionProgress(result.Phase, result.At));
            if (result.Next is null)
            {
                return result.Phase;
            }

            step = await WaitAsync(context, input.Deadline, result, cancel, reports, runs);
            if (taken == StepsPerGeneration)
            {
                context.ContinueAsNew(input with { Step = step });
                return null;
            }
        }
    }

    // Started with this step's other decisions, and not waited for: a receiver may be away for days.
    private static SubOrchestrationOptions LeftAlone(DeliveryWork courier) =>
        new(instanceId: courier.InstanceId) { Tags = FireAndForget };

    private static async Task<StepResult> TakeAsync(TaskOrchestrationContext context, PredictionStep step)
    {
        var activity = step.Kind switch
        {
            StepKind.Submit => nameof(SubmitPrediction),
            StepKind.Observe => nameof(ObservePrediction),
            _ => nameof(EndPrediction),
        };
        if (step.Kind == StepKind.End)
        {
            return await EndAsync(context, step);
        }

        return await OrEndAsync(
            context,
            step,
            context.CallActivityAsync<StepResult>(activity, step, ActivityRetries.Usual)
        );
    }

    private static async Task<StepResult> OrEndAsync(
        TaskOrchestrationContext context,
        PredictionStep step,
        Task<StepResult> taken
    )
    {
        try
        {
            return await taken;
        }
        catch (TaskFailedException)
        {
            return await EndAsync(context, step with { Reason = EndReason.Fault });
        }
    }

    private static Task<StepResult> EndAsync(TaskOrchestrationContext context, PredictionStep step) =>
        context.CallActivityAsync<StepResult>(
            nameof(EndPrediction),
            step with
            {
                Kind = StepKind.End,
            },
            ActivityRetries.Patient
        );

    private static async Task<PredictionStep> WaitAsync(
        TaskOrchestrationContext context,
        DateTimeOffset deadline,
        StepResult result,
        Task cancel,
        Reports reports,
        Runs runs
    )
    {
        var next = result.Next! with { NotBefore = null };
        var isEnding = next.Kind == StepKind.End;
        var at = (result.At ?? context.CurrentUtcDateTime).UtcDateTime;
        at = isEnding || at < deadline.UtcDateTime ? at : deadline.UtcDateTime;
        var mayCancel = !isEnding && !cancel.IsCompleted;
        var isDue = context.CurrentUtcDateTime >= at;
        while (!isDue && (isEnding || !cancel.IsCompleted))
        {
            using var losers = new CancellationTokenSource();
            var wake =
                next.Kind == StepKind.Submit
                    ? context.WaitForExternalEvent<string?>(PredictionEvents.Place, losers.Token)
                : runs.IsUnderWay ? runs.UnderWay
                : reports.Next;
            var timer = context.CreateTimer(at, losers.Token);
            var first = await (mayCancel ? Task.WhenAny(timer, wake, cancel) : Task.WhenAny(timer, wake));
            CancelNow(losers);
            if (first != timer)
            {
                next = reports.TryTake() ? next with { Told = true } : next;
                break;
            }

            // Azure Storage drops the fraction of a second, so a timer fires up to a second early, and one for the rest would fire at
            // once, again and again, at seven storage transactions each. So short a rest is waited out by the step itself.
            isDue = context.CurrentUtcDateTime >= at - PredictionStep.LongestRest;
        }

        next = isDue && context.CurrentUtcDateTime < at ? next with { NotBefore = at } : next;
        return isEnding ? next with { Running = runs.IsUnderWay }
            : cancel.IsCompleted ? next with { Kind = StepKind.End, Reason = EndReason.Cancel, NotBefore = null }
            : (isDue ? at : context.CurrentUtcDateTime) >= deadline.UtcDateTime
                ? next with
                {
                    Kind = StepKind.End,
                    Reason = EndReason.Deadline,
                }
            : next;
    }

    /// <summary>
    /// The reports of the backend. There is one wait for all steps: a wait that was canceled would swallow the report that comes while a
    /// step is under way. One that comes even before the first wait is kept by the engine.
    /// </summary>
    private sealed class Reports(TaskOrchestrationContext context)
    {
        private Task? _next;

        public Task Next => _next ??= context.WaitForExternalEvent<string?>(PredictionEvents.Backend);

        public bool TryTake()
        {
            var has = _next is { IsCompleted: true };
            _next = has ? null : _next;
            return has;
        }
    }

    /// <summary>
    /// The runs at backends that run while we wait: the one step that may take minutes, and that the caller's cancel and the deadline do
    /// not wait for. The ending step asks the backend to stop; the run's step, which has the backend's answer, writes the end.
    /// </summary>
    private sealed class Runs(TaskOrchestrationContext context, DateTimeOffset deadline)
    {
        // A timer may fire up to a second early: nobody shall learn of a deadline before it has passed.
        private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

        public Task UnderWay { get; private set; } = Task.CompletedTask;

        public bool IsUnderWay => !UnderWay.IsCompleted;

        public async Task<StepResult> TakeAsync(PredictionStep step, Task cancel)
        {
            var run = context.CallActivityAsync<StepResult>(nameof(ExecutePrediction), step, ActivityRetries.Usual);
            UnderWay = run;
            using var loser = new CancellationTokenSource();
            var timer = context.CreateTimer((deadline + Late).UtcDateTime, loser.Token);
            var first = await Task.WhenAny(run, cancel, timer);
            CancelNow(loser);
            return first == run
                ? await OrEndAsync(context, step, run)
                : await EndAsync(
                    context,
                    step with
                    {
                        Reason = first == cancel ? EndReason.Cancel : EndReason.Deadline,
                        EndLooks = 0,
                        Running = true,
                    }
                );
        }
    }

    // CancelAsync would continue on a thread of the pool, where an orchestrator never comes back from.
    private static void CancelNow(CancellationTokenSource source) => source.Cancel();
}

/// <summary>The custom status of a prediction's orchestration.</summary>
/// <param name="Phase">Where it is.</param>
/// <param name="NextStepAt">When it takes the next step unless something comes first.</param>
public sealed record PredictionProgress(string Phase, DateTimeOffset? NextStepAt);
