using Leyden.Diffusion;
using Leyden.ModelServer.Inputs;

namespace Leyden.ModelServer.Predictions;

/// <summary>Where a prediction is, in Cog's words.</summary>
internal enum PredictionStatus
{
    /// <summary>Accepted; waits for a slot.</summary>
    Starting,

    /// <summary>Running.</summary>
    Processing,

    /// <summary>Ended with pictures.</summary>
    Succeeded,

    /// <summary>Ended without.</summary>
    Failed,

    /// <summary>Ended because somebody asked for that, or the connection of who waited for it was lost.</summary>
    Canceled,
}

/// <summary>All that can be read of a prediction at one moment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Input">Its input.</param>
/// <param name="CreatedAt">When it was accepted.</param>
internal sealed record PredictionState(string Id, PredictionInput Input, DateTimeOffset CreatedAt)
{
    /// <summary>Where it is.</summary>
    public PredictionStatus Status { get; init; } = PredictionStatus.Starting;

    /// <summary>When its run began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>What there is to say of the run, lines each with an end.</summary>
    public string Logs { get; init; } = "";

    /// <summary>The pictures as PNG files, in order; null before the run has made them.</summary>
    public IReadOnlyList<byte[]>? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>How far its run is.</summary>
    public DenoisingProgress? Progress { get; init; }

    /// <summary>How long the run took, pictures written.</summary>
    public TimeSpan? PredictTime { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => Status >= PredictionStatus.Succeeded;

    /// <summary>The wait for a slot; null before it is over.</summary>
    public TimeSpan? QueueTime => StartedAt - CreatedAt;

    /// <summary>The bytes of its pictures.</summary>
    public long Bytes => Output?.Sum(png => (long)png.Length) ?? 0;

    /// <summary>The state with lines added to its log.</summary>
    public PredictionState Say(params string[] lines) =>
        this with
        {
            Logs = string.Concat([Logs, .. lines.Select(line => line + "\n")]),
        };
}
