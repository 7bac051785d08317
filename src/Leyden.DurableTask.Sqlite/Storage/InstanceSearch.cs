using DurableTask.Core;
using DurableTask.Core.Query;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Which instances: every condition that is given must hold.</summary>
internal sealed record InstanceFilter(
    IReadOnlyCollection<OrchestrationStatus> Statuses,
    string TimeColumn,
    long From,
    long To,
    string IdPrefix
)
{
    public static InstanceFilter Of(OrchestrationQuery query) =>
        new(
            [.. query.RuntimeStatus ?? []],
            "created_at",
            Ticks(query.CreatedTimeFrom) ?? 0,
            Ticks(query.CreatedTimeTo) ?? long.MaxValue,
            query.InstanceIdPrefix ?? ""
        );

    public static InstanceFilter Of(PurgeInstanceFilter filter) =>
        new(
            [.. filter.RuntimeStatus ?? []],
            "created_at",
            Ticks(filter.CreatedTimeFrom) ?? 0,
            Ticks(filter.CreatedTimeTo) ?? long.MaxValue,
            ""
        );

    public static InstanceFilter Before(DateTime threshold, OrchestrationStateTimeRangeFilterType type)
    {
        var column = type switch
        {
            OrchestrationStateTimeRangeFilterType.OrchestrationCreatedTimeFilter => "created_at",
            OrchestrationStateTimeRangeFilterType.OrchestrationCompletedTimeFilter => "completed_at",
            OrchestrationStateTimeRangeFilterType.OrchestrationLastUpdatedTimeFilter => "updated_at",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown kind of time."),
        };
        return new InstanceFilter([], column, 0, Ticks(threshold)!.Value, "");
    }

    private static long? Ticks(DateTime? time) => time is { } value ? JsonValues.ToUtc(value).Ticks : null;
}

/// <summary>Searches over the table of instances, in the order of their keys, which is the order of their starts.</summary>
internal static class InstanceSearch
{
    private static readonly OrchestrationStatus[] Ended =
    [
        .. Enum.GetValues<OrchestrationStatus>().Where(status => !Instances.IsActive(status)),
    ];

    public static List<(InstanceIdentity Identity, OrchestrationState State)> Page(
        SqliteSession session,
        InstanceFilter filter,
        long after,
        int limit,
        bool withPayload
    ) =>
        session.Query(
            $"SELECT {(withPayload ? Instances.StateColumns : Instances.StateColumnsWithoutPayload)} {Where(filter, filter.Statuses)}",
            Instances.ReadState,
            after,
            filter.From,
            filter.To,
            filter.IdPrefix,
            (long)limit
        );

    /// <summary>The keys of matching instances that have ended.</summary>
    public static List<long> EndedKeys(SqliteSession session, InstanceFilter filter, long after, int limit)
    {
        OrchestrationStatus[] statuses = filter.Statuses.Count == 0 ? Ended : [.. Ended.Intersect(filter.Statuses)];
        return statuses.Length == 0
            ? []
            : session.Query(
                $"SELECT instance_key {Where(filter, statuses)}",
                row => row.GetInt64(0),
                after,
                filter.From,
                filter.To,
                filter.IdPrefix,
                (long)limit
            );
    }

    // Statuses are numbers of an enumeration and the column is one of three constants, so that the texts are few.
    private static string Where(InstanceFilter filter, IReadOnlyCollection<OrchestrationStatus> statuses)
    {
        var status =
            statuses.Count == 0
                ? ""
                : $"AND status IN ({string.Join(',', statuses.Select(s => (int)s).Distinct().Order())}) ";
        return $"FROM instances WHERE instance_key>$0 AND {filter.TimeColumn}>=$1 AND {filter.TimeColumn}<=$2 "
            + $"AND substr(instance_id, 1, length($3))=$3 {status}ORDER BY instance_key LIMIT $4";
    }
}
