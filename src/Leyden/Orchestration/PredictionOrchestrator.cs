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
        var step = input.Step;
        for (var taken = 1; ; taken++)
        {
            var result = await TakeAsync(context, step);
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

            step = await WaitAsync(context, input.Deadline, result, cancel, reports);
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
            return await context.CallActivityAsync<StepResult>(activity, step, ActivityRetries.Patient);
        }

        try
        {
            return await context.CallActivityAsync<StepResult>(activity, step, ActivityRetries.Usual);
        }
        catch (TaskFailedException)
        {
            var end = step with { Kind = StepKind.End, Reason = EndReason.Fault };
            return await context.CallActivityAsync<StepResult>(nameof(EndPrediction), end, ActivityRetries.Patient);
        }
    }

    private static async Task<PredictionStep> WaitAsync(
        TaskOrchestrationContext context,
        DateTimeOffset deadline,
        StepResult result,
        Task cancel,
        Reports reports
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
        return isEnding ? next
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

    // CancelAsync would continue on a thread of the pool, where an orchestrator never comes back from.
    private static void CancelNow(CancellationTokenSource source) => source.Cancel();
}

/// <summary>The custom status of a prediction's orchestration.</summary>
/// <param name="Phase">Where it is.</param>
/// <param name="NextStepAt">When it takes the next step unless something comes first.</param>
public sealed record PredictionProgress(string Phase, DateTimeOffset? NextStepAt);
