using Microsoft.DurableTask;

namespace Leyden.Orchestration;

/// <summary>
/// How orchestrators repeat activities. On Azure a worker process that dies fails its activities instead of repeating them, so each
/// call has one of these.
/// </summary>
internal static class ActivityRetries
{
    /// <summary>About two minutes: for steps after whose failure the orchestrator can still end things in order.</summary>
    public static TaskOptions Usual { get; } =
        TaskOptions.FromRetryPolicy(
            new RetryPolicy(
                maxNumberOfAttempts: 8,
                firstRetryInterval: TimeSpan.FromSeconds(1),
                backoffCoefficient: 2,
                maxRetryInterval: TimeSpan.FromSeconds(30)
            )
        );

    /// <summary>About an hour: for last resorts, which must outlive an outage of the object store.</summary>
    public static TaskOptions Patient { get; } =
        TaskOptions.FromRetryPolicy(
            new RetryPolicy(
                maxNumberOfAttempts: 65,
                firstRetryInterval: TimeSpan.FromSeconds(1),
                backoffCoefficient: 2,
                maxRetryInterval: TimeSpan.FromMinutes(1)
            )
        );
}
