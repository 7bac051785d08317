using System.Globalization;
using DurableTask.Core;
using DurableTask.Core.Query;

namespace Leyden.DurableTask.Sqlite;

// Queries and purges over many instances.
public sealed partial class SqliteOrchestrationService
{
    private const int MaxPageSize = 1_000;

    /// <summary>Instances removed per transaction, so that other work gets its turn between them.</summary>
    private const int PurgePage = 200;

    /// <summary>
    /// One page of instances, oldest start first. <see cref="OrchestrationQuery.PageSize"/> is capped at 1,000. A page may be full although
    /// it is the last; then the next is empty.
    /// </summary>
    /// <exception cref="ArgumentException">The continuation token is not from here.</exception>
    public async Task<OrchestrationQueryResult> GetOrchestrationWithQueryAsync(
        OrchestrationQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var after = 0L;
        if (
            !string.IsNullOrEmpty(query.ContinuationToken)
            && !long.TryParse(query.ContinuationToken, NumberStyles.None, CultureInfo.InvariantCulture, out after)
        )
        {
            throw new ArgumentException("The continuation token was not returned by this query.", nameof(query));
        }

        var database = await OpenAsync();
        var limit = Math.Clamp(query.PageSize, 1, MaxPageSize);
        var page = await database.ReadAsync(
            session =>
                InstanceSearch.Page(session, InstanceFilter.Of(query), after, limit, query.FetchInputsAndOutputs),
            cancellationToken
        );
        var next = page.Count == limit ? page[^1].Identity.Key.ToString(CultureInfo.InvariantCulture) : null;
        return new OrchestrationQueryResult(page.ConvertAll(found => found.State), next);
    }

    /// <summary>Removes an instance that has ended. One that has not is left alone, and the result says 0.</summary>
    public async Task<PurgeResult> PurgeInstanceStateAsync(string instanceId)
    {
        var database = await OpenAsync();
        var removed = await database.WriteAsync(
            (session, _) =>
            {
                if (Instances.Find(session, instanceId) is not { IsActive: false } row)
                {
                    return 0;
                }

                Instances.Delete(session, row.Key);
                return 1;
            }
        );
        return new PurgeResult(removed, isComplete: true);
    }

    /// <summary>
    /// Removes the ended instances that match; others are left alone even when they match. With a time-out it may stop early and says so.
    /// </summary>
    public async Task<PurgeResult> PurgeInstanceStateAsync(PurgeInstanceFilter purgeInstanceFilter)
    {
        ArgumentNullException.ThrowIfNull(purgeInstanceFilter);
        return await PurgeAsync(InstanceFilter.Of(purgeInstanceFilter), purgeInstanceFilter.Timeout);
    }

    /// <summary>Removes the ended instances that were created, last updated or completed before a time.</summary>
    public async Task PurgeOrchestrationHistoryAsync(
        DateTime thresholdDateTimeUtc,
        OrchestrationStateTimeRangeFilterType timeRangeFilterType
    ) => await PurgeAsync(InstanceFilter.Before(thresholdDateTimeUtc, timeRangeFilterType), timeout: null);

    private async Task<PurgeResult> PurgeAsync(InstanceFilter filter, TimeSpan? timeout)
    {
        var database = await OpenAsync();
        var started = _time.GetTimestamp();
        var removed = 0;
        var after = 0L;
        while (timeout is null || _time.GetElapsedTime(started) < timeout)
        {
            var from = after;
            var keys = await database.ReadAsync(session => InstanceSearch.EndedKeys(session, filter, from, PurgePage));
            if (keys.Count == 0)
            {
                return new PurgeResult(removed, isComplete: true);
            }

            // An ended instance cannot come back to life under its key; at most it was replaced meanwhile and the key is gone.
            await database.WriteAsync(session =>
            {
                foreach (var key in keys)
                {
                    Instances.Delete(session, key);
                }

                return new Announcements();
            });
            removed += keys.Count;
            after = keys[^1];
        }

        return new PurgeResult(removed, isComplete: false);
    }
}
