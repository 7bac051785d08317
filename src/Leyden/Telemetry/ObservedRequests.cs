using System.Diagnostics;

namespace Leyden.Telemetry;

/// <summary>Counts the requests to one backend and puts a span around each.</summary>
internal sealed class ObservedRequests(string backend, LeydenMetrics metrics)
{
    /// <summary>Makes a request.</summary>
    /// <param name="operation">What the backend is asked, a word out of a closed set.</param>
    /// <param name="request">Makes it.</param>
    /// <param name="judge">The word for what came of it, out of a closed set, and whether the request itself was at fault.</param>
    public async Task<T> ObserveAsync<T>(
        string operation,
        Func<Task<T>> request,
        Func<T, (string Word, bool IsFault)> judge
    )
    {
        using var span = PredictionTracing.Source.StartActivity($"backend.{operation}", ActivityKind.Internal);
        span?.SetTag(TelemetryTags.Backend, backend).SetTag(TelemetryTags.Operation, operation);
        var outcome = "fault";
        try
        {
            var answer = await request();
            (outcome, var isFault) = judge(answer);
            if (isFault)
            {
                span.Fail(outcome);
            }

            return answer;
        }
        catch (Exception e)
        {
            span.Fail(e.GetType().Name);
            throw;
        }
        finally
        {
            span?.SetTag(TelemetryTags.Outcome, outcome);
            metrics.BackendRequest(backend, operation, outcome);
        }
    }
}
