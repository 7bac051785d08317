using Leyden.Batches;
using Leyden.Predictions;
using Microsoft.DurableTask.Client;

namespace Leyden;

/// <summary>
/// What a host does now and then beside serving. Everything here may be cut short and repeated, also by several hosts at once; when
/// it is done is the host's affair.
/// </summary>
public sealed class Upkeep(PredictionSweeper predictions, BatchSweeper batches, TimeProvider time)
{
    /// <summary>How long ended orchestrations are kept, for whoever looks into a fault.</summary>
    private static readonly TimeSpan InstanceAge = TimeSpan.FromDays(1);

    private static readonly OrchestrationRuntimeStatus[] Ended =
    [
        OrchestrationRuntimeStatus.Completed,
        OrchestrationRuntimeStatus.Failed,
        OrchestrationRuntimeStatus.Terminated,
    ];

    /// <summary>Starts what was accepted and never started, and ends what was left without an end. For every minute or oftener.</summary>
    public Task HealAsync(DurableTaskClient client, CancellationToken cancellationToken) =>
        Task.WhenAll(predictions.HealAsync(client, cancellationToken), batches.HealAsync(client, cancellationToken));

    /// <summary>Deletes what is older than the retention. For every hour or so.</summary>
    public Task DeleteOldAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(predictions.DeleteOldAsync(cancellationToken), batches.DeleteOldAsync(cancellationToken));

    /// <summary>
    /// Forgets orchestrations that were started more than a day ago and have ended: their outcome is in the records. For every hour or so.
    /// </summary>
    public Task ForgetOrchestrationsAsync(DurableTaskClient client, CancellationToken cancellationToken) =>
        client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(CreatedFrom: null, CreatedTo: time.GetUtcNow() - InstanceAge, Ended),
            cancellation: cancellationToken
        );
}
