using System.Text.Json.Nodes;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Leyden.Api.Health;

/// <summary>What load balancers and people ask first. Nobody needs a key for it, so it tells nothing and costs little.</summary>
public sealed partial class HealthEndpoints(IObjectStore objects, TimeProvider time, ILogger<HealthEndpoints> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whoever asks within this time gets the same answer, so that a flood of questions is one write a second.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private static readonly ObjectKey Probe = new("health/ready.json");

    private readonly Lock _lock = new();
    private long _checkedAt;
    private Task<Readiness>? _check;

    /// <summary><c>GET /healthz</c>: the process is alive. Touches nothing.</summary>
    public static IResult Alive() => ApiAnswer.Json(new JsonObject { ["status"] = "ok" });

    /// <summary>
    /// <c>GET /readyz</c>: the object store takes a write and the durable engine answers a question, within five seconds; 503 when
    /// one does not.
    /// </summary>
    public async Task<IResult> ReadyAsync(ApiCall call)
    {
        var (storage, engine) = await Check(call.Client).WaitAsync(call.Aborted);
        return ApiAnswer.Json(
            new JsonObject
            {
                ["status"] = Word(storage && engine),
                ["storage"] = Word(storage),
                ["engine"] = Word(engine),
            },
            storage && engine ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    private static string Word(bool answers) => answers ? "ok" : "unavailable";

    private Task<Readiness> Check(DurableTaskClient client)
    {
        lock (_lock)
        {
            if (_check is null || time.GetElapsedTime(_checkedAt) > Freshness)
            {
                _checkedAt = time.GetTimestamp();
                _check = Task.Run(() => CheckAsync(client)); // not under the lock
            }

            return _check;
        }
    }

    private async Task<Readiness> CheckAsync(DurableTaskClient client)
    {
        // A write: a full disk and a lost permission only show in one.
        var storage = AnswersAsync("storage", stop => WriteProbeAsync(stop));
        var engine = AnswersAsync("engine", stop => client.GetInstanceAsync("readyz", stop));
        return new Readiness(await storage, await engine);
    }

    private Task<string?> WriteProbeAsync(CancellationToken cancellationToken) =>
        objects.PutJsonAsync(Probe, new ProbeContent(time.GetUtcNow()), WriteCondition.None, cancellationToken);

    private async Task<bool> AnswersAsync(string what, Func<CancellationToken, Task> ask)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await ask(patience.Token).WaitAsync(patience.Token);
            return true;
        }
        catch (Exception e) // a boundary: whatever it is, the answer is that it is not ready
        {
            Log.DoesNotAnswer(logger, e, what);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Not ready: {What} does not answer")]
        public static partial void DoesNotAnswer(ILogger logger, Exception reason, string what);
    }

    private sealed record Readiness(bool Storage, bool Engine);

    private sealed record ProbeContent(DateTimeOffset WrittenAt);
}
