namespace Leyden.ModelServer.Webhooks;

/// <summary>What a webhook is told of, in Cog's words.</summary>
internal enum WebhookEvent
{
    /// <summary>The run begins.</summary>
    Start,

    /// <summary>There are pictures.</summary>
    Output,

    /// <summary>There is something new in the log.</summary>
    Logs,

    /// <summary>The prediction has ended.</summary>
    Completed,
}

/// <summary>Who is told of a prediction, and of what.</summary>
/// <param name="Url">The address, judged by Leyden's rules for URLs from outside.</param>
/// <param name="Events">What it wants to hear.</param>
/// <param name="TraceParent">The trace of the request that named it, sent on.</param>
/// <param name="TraceState">The state of that trace.</param>
internal sealed record WebhookTarget(
    Uri Url,
    IReadOnlySet<WebhookEvent> Events,
    string? TraceParent = null,
    string? TraceState = null
)
{
    /// <summary>All events: what a webhook gets that names none.</summary>
    public static readonly IReadOnlySet<WebhookEvent> AllEvents = Enum.GetValues<WebhookEvent>().ToHashSet();
}
