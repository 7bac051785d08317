using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Leyden.Functions;

/// <summary>
/// The upkeep on a schedule, in one instance of the app at a time. A run that fails is recorded by the host, and made good by the next.
/// </summary>
public sealed class UpkeepTriggers(Upkeep upkeep, QueueSetup queue)
{
    private const string EveryMinute = "0 * * * * *";
    private const string AtSevenPast = "0 7 * * * *";
    private const string AtThirtySevenPast = "0 37 * * * *";

    /// <summary>Starts what was accepted and never started, ends what was left without an end, and sees that there is a queue to write to.</summary>
    [Function(nameof(HealPredictions))]
    public Task HealPredictions(
        [TimerTrigger(EveryMinute)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    ) => Task.WhenAll(queue.EnsureAsync(cancellationToken), upkeep.HealAsync(client, cancellationToken));

    /// <summary>Deletes what is older than the retention.</summary>
    [Function(nameof(DeleteOldPredictions))]
    public Task DeleteOldPredictions(
        [TimerTrigger(AtSevenPast)] TimerInfo timer,
        CancellationToken cancellationToken
    ) => upkeep.DeleteOldAsync(cancellationToken);

    /// <summary>Forgets orchestrations that ended.</summary>
    [Function(nameof(ForgetOrchestrations))]
    public Task ForgetOrchestrations(
        [TimerTrigger(AtThirtySevenPast)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    ) => upkeep.ForgetOrchestrationsAsync(client, cancellationToken);
}
