using Leyden.Batches;
using Microsoft.Extensions.Logging;

namespace Leyden.Telemetry;

/// <summary>The scope of all that is logged on behalf of one batch as a whole.</summary>
public static class BatchScope
{
    private static readonly Func<ILogger, string, IDisposable?> Scope = LoggerMessage.DefineScope<string>(
        "BatchId:{BatchId}"
    );

    /// <summary>Begins the scope: every line of any logger until it is disposed carries <c>BatchId</c>.</summary>
    public static IDisposable? Begin(ILogger logger, BatchId id) => Scope(logger, id.Value);
}
