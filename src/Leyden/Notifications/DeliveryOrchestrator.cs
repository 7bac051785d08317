using Leyden.Orchestration;
using Microsoft.DurableTask;

namespace Leyden.Notifications;

/// <summary>
/// A courier: delivers the events of one prediction to one target, in order, until nothing is pending. Deterministic; the order of its
/// calls is recorded in histories, so a change of it needs a new version.
/// </summary>
public sealed class DeliveryOrchestrator : TaskOrchestrator<DeliveryWork, string?>
{
    /// <summary>After so many steps the history starts anew: a receiver may be away for days.</summary>
    private const int StepsPerGeneration = 20;

    private const int MaxFaults = 72;
    private const int LongestFaultWait = 60; // minutes

    /// <summary>At least one of them is kept.</summary>
    private static readonly TimeSpan WholeSeconds = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override async Task<string?> RunAsync(TaskOrchestrationContext context, DeliveryWork input)
    {
        for (var taken = 1; ; taken++)
        {
            DateTime until;
            try
            {
                var pause = await context.CallActivityAsync<DeliveryPause>(
                    nameof(DeliverEvent),
                    input,
                    ActivityRetries.Usual
                );
                if (pause.Until is not { } next)
                {
                    return "done";
                }

                input = input with { Faults = 0 };
                until = next.UtcDateTime;
            }
            catch (TaskFailedException) when (input.Faults < MaxFaults)
            {
                // The object store, most likely: receivers that are at fault are no failures of the activity.
                input = input with
                {
                    Faults = input.Faults + 1,
                };
                until = context.CurrentUtcDateTime.AddMinutes(
                    Math.Min(Math.Pow(2, input.Faults - 1), LongestFaultWait)
                );
            }

            await SleepAsync(context, until);
            if (taken == StepsPerGeneration)
            {
                context.ContinueAsNew(input);
                return null;
            }
        }
    }

    private static async Task SleepAsync(TaskOrchestrationContext context, DateTime until)
    {
        if (context.CurrentUtcDateTime < until)
        {
            await context.CreateTimer(until, CancellationToken.None);
        }

        // Azure Storage drops the fraction of a second, so a timer can fire early, and one for what is left of that second would fire
        // at once, again and again. The moment stays what it was: each wait for a later one could be early too, for ever.
        while (context.CurrentUtcDateTime < until)
        {
            await context.CreateTimer(context.CurrentUtcDateTime + WholeSeconds, CancellationToken.None);
        }
    }
}
