using DurableTask.Core;
using DurableTask.Core.Query;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using CoreQuery = DurableTask.Core.Query.OrchestrationQuery;
using OrchestrationQuery = Microsoft.DurableTask.Client.OrchestrationQuery;
using PurgeResult = Microsoft.DurableTask.Client.PurgeResult;

namespace Leyden.DurableTask.Sqlite.Hosting;

// Queries and purges.
public sealed partial class OrchestrationServiceDurableTaskClient
{
    private static readonly OrchestrationStatus[] EndedStatuses =
    [
        .. Enum.GetValues<OrchestrationStatus>().Where(InstanceMetadata.HasEnded),
    ];

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The engine has no queries.</exception>
    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        var queries = Capability<IOrchestrationServiceQueryClient>();
        var asked = filter ?? new OrchestrationQuery();
        return Pageable.Create(
            async (continuation, pageSize, cancellation) =>
            {
                var query = new CoreQuery
                {
                    RuntimeStatus = asked.Statuses?.Select(InstanceMetadata.StatusTo).ToList(),
                    CreatedTimeFrom = asked.CreatedFrom?.UtcDateTime,
                    CreatedTimeTo = asked.CreatedTo?.UtcDateTime,
                    TaskHubNames = asked.TaskHubNames?.ToList(),
                    InstanceIdPrefix = asked.InstanceIdPrefix,
                    PageSize = pageSize ?? asked.PageSize,
                    ContinuationToken = continuation ?? asked.ContinuationToken,
                    FetchInputsAndOutputs = asked.FetchInputsAndOutputs,
                };
                var found = await queries.GetOrchestrationWithQueryAsync(query, cancellation);
                var page = found.OrchestrationState.Select(state => Metadata(state, asked.FetchInputsAndOutputs));
                return new Page<OrchestrationMetadata>([.. page], found.ContinuationToken);
            }
        );
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The instance has not ended.</exception>
    /// <exception cref="NotSupportedException">
    /// The engine cannot purge, or <see cref="PurgeInstanceOptions.Recursive"/> is set.
    /// </exception>
    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId,
        PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        RefuseRecursion(options?.Recursive);
        var purges = Capability<IOrchestrationServicePurgeClient>();
        if (await FindStateAsync(instanceId, cancellation) is not { } state)
        {
            return new PurgeResult(0);
        }

        if (IsActive(state))
        {
            throw new InvalidOperationException(
                $"Instance '{instanceId}' is {state.OrchestrationStatus}; only one that has ended can be purged."
            );
        }

        return new PurgeResult((await purges.PurgeInstanceStateAsync(instanceId)).DeletedInstanceCount);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// The engine cannot purge, or <see cref="PurgeInstanceOptions.Recursive"/> is set.
    /// </exception>
    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter,
        PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        cancellation.ThrowIfCancellationRequested();
        RefuseRecursion(options?.Recursive);
        var statuses = filter.Statuses?.Select(InstanceMetadata.StatusTo) ?? EndedStatuses;
        var purged = await Capability<IOrchestrationServicePurgeClient>()
            .PurgeInstanceStateAsync(
                new PurgeInstanceFilter(
                    filter.CreatedFrom?.UtcDateTime ?? DateTime.UnixEpoch,
                    filter.CreatedTo?.UtcDateTime,
                    statuses.Where(InstanceMetadata.HasEnded).ToList()
                )
                {
                    Timeout = filter.Timeout,
                }
            );
        return new PurgeResult(purged.DeletedInstanceCount, purged.IsComplete);
    }

    private T Capability<T>()
        where T : class =>
        engine as T ?? throw new NotSupportedException($"{engine.GetType().Name} is no {typeof(T).Name}.");
}
