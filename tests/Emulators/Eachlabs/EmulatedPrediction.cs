using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary>A prediction that was accepted. How far it is follows from the time alone, so that nothing has to run.</summary>
internal sealed class EmulatedPrediction
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _canceledAt;
    private bool _webhookTaken;

    public required string Id { get; init; }
    public required string Model { get; init; }
    public required JsonObject Input { get; init; }

    /// <summary>The prompt; for a model without one, every text of the input.</summary>
    public required string Prompt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required TimeSpan QueueTime { get; init; }
    public required TimeSpan RunTime { get; init; }
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required int OutputCount { get; init; }
    public required long Seed { get; init; }
    public required EmulatedEnd End { get; init; }
    public Uri? WebhookUrl { get; init; }
    public string? WebhookSecret { get; init; }

    public DateTimeOffset FinishesAt =>
        End == EmulatedEnd.Never ? DateTimeOffset.MaxValue : CreatedAt + QueueTime + RunTime;

    public EmulatedPhase PhaseAt(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_canceledAt is not null)
            {
                return EmulatedPhase.Canceled;
            }
        }

        var age = now - CreatedAt;
        return now >= FinishesAt ? EmulatedPhase.Finished
            : age >= QueueTime ? EmulatedPhase.Processing
            : age >= QueueTime / 2 ? EmulatedPhase.Starting
            : EmulatedPhase.Created;
    }

    public bool IsUnfinishedAt(DateTimeOffset now) => PhaseAt(now) < EmulatedPhase.Canceled;

    public void Cancel(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (now < FinishesAt)
            {
                _canceledAt ??= now;
            }
        }
    }

    /// <summary>Whether the caller is the one who sends the webhook.</summary>
    public bool TryTakeWebhook()
    {
        lock (_gate)
        {
            var taken = _webhookTaken;
            _webhookTaken = true;
            return !taken && WebhookUrl is not null;
        }
    }
}

/// <summary>How far a prediction is.</summary>
internal enum EmulatedPhase
{
    Created,
    Starting,
    Processing,
    Canceled,
    Finished,
}

/// <summary>How a prediction ends.</summary>
internal enum EmulatedEnd
{
    Success,
    Error,
    Failed,
    ErrorInLogs,
    Nsfw,
    Never,
}
