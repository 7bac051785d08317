namespace Leyden.Backends;

/// <summary>What a backend allows, for all predictions of the deployment together.</summary>
/// <param name="RequestsPerMinute">Creates and reads in any 60 seconds; null for no limit.</param>
/// <param name="MaxConcurrent">Accepted predictions that have not ended; null for no limit.</param>
/// <param name="SubmitTimeout">How long a submission may take until its answer can not come any more.</param>
/// <param name="ResubmitUnknown">Whether to submit again after a submission whose answer was lost, at the risk of a double bill.</param>
public sealed record BackendLimits(
    int? RequestsPerMinute,
    int? MaxConcurrent,
    TimeSpan SubmitTimeout,
    bool ResubmitUnknown
);
