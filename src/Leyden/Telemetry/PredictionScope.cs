using Leyden.Predictions;
using Microsoft.Extensions.Logging;

namespace Leyden.Telemetry;

/// <summary>The scope of all that is logged on behalf of one prediction.</summary>
public static class PredictionScope
{
    private static readonly Func<ILogger, string, IDisposable?> Scope = LoggerMessage.DefineScope<string>(
        "PredictionId:{PredictionId}"
    );

    /// <summary>Begins the scope: every line of any logger until it is disposed carries <c>PredictionId</c>.</summary>
    public static IDisposable? Begin(ILogger logger, PredictionId id) => Scope(logger, id.Value);
}
