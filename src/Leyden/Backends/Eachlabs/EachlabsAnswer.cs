namespace Leyden.Backends.Eachlabs;

/// <summary>What came of one request to Eachlabs, before anybody looks into it.</summary>
internal abstract record EachlabsAnswer
{
    private EachlabsAnswer() { }

    /// <summary>An answer arrived in full.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">At most <see cref="EachlabsClient.MaxAnswerBytes"/> bytes.</param>
    /// <param name="RetryAfter">How long to wait by <c>Retry-After</c>; null when absent.</param>
    public sealed record Received(int Status, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter) : EachlabsAnswer;

    /// <summary>The request's body was never handed to a connection: it can not have been acted on.</summary>
    public sealed record NotSent(string Reason) : EachlabsAnswer;

    /// <summary>The request was sent, in part at least, and no usable answer arrived.</summary>
    public sealed record Lost(string Reason) : EachlabsAnswer;
}
