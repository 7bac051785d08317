using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Cog;

/// <summary>The container's state and the runs in its slots.</summary>
internal sealed class CogLife(CogEmulatorOptions options, TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new();
    private readonly Lock _gate = new();
    private long? _setupBegan = options.StartsCold ? null : timeProvider.GetTimestamp();

    /// <summary>The runs under way.</summary>
    public int Running => _running.Count;

    /// <summary>The word of <c>/health-check</c>.</summary>
    public string State
    {
        get
        {
            lock (_gate)
            {
                _setupBegan ??= timeProvider.GetTimestamp();
                return options.State
                    ?? (
                        timeProvider.GetElapsedTime(_setupBegan.Value) < options.SetupTime ? "STARTING"
                        : Running >= options.Slots ? "BUSY"
                        : "READY"
                    );
            }
        }
    }

    /// <summary>Puts the container to sleep: the next request begins its setup.</summary>
    public void Sleep()
    {
        lock (_gate)
        {
            _setupBegan = null;
        }
    }

    public bool IsRunning(string id) => _running.ContainsKey(id);

    /// <summary>Takes a slot.</summary>
    /// <returns>What stops the run; null when there is no slot.</returns>
    public CancellationTokenSource? TryBegin(string id)
    {
        lock (_gate)
        {
            if (_running.Count >= options.Slots)
            {
                return null;
            }

            var stop = new CancellationTokenSource();
            _running[id] = stop;
            return stop;
        }
    }

    public void End(string id) => _running.TryRemove(id, out _);

    public bool Cancel(string id)
    {
        if (!_running.TryGetValue(id, out var stop))
        {
            return false;
        }

        stop.Cancel();
        return true;
    }

    public JsonObject Health()
    {
        var state = State;
        var setup = state switch
        {
            "STARTING" or "UNKNOWN" => "starting",
            "SETUP_FAILED" => "failed",
            _ => "succeeded",
        };
        var health = new JsonObject
        {
            ["status"] = state,
            ["setup"] = new JsonObject
            {
                ["started_at"] = "2026-01-01T00:00:00.000000+00:00",
                ["status"] = setup,
                ["logs"] = state == "SETUP_FAILED" ? "Traceback: CUDA out of memory, on command" : "",
            },
            ["version"] = new JsonObject { ["coglet"] = "0.17.0" },
        };
        if (state == "UNHEALTHY")
        {
            health["user_healthcheck_error"] = "unhealthy, on command";
        }

        return health;
    }
}
