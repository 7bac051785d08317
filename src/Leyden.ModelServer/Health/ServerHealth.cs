using System.Globalization;
using Leyden.ModelServer.Loading;
using Leyden.ModelServer.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.ModelServer.Health;

/// <summary>What <c>/health-check</c> says, in Cog's words.</summary>
/// <param name="Status">READY and so on.</param>
/// <param name="Reason">Why it is UNHEALTHY or DEFUNCT.</param>
internal sealed record HealthReport(string Status, string? Reason = null)
{
    /// <summary>Nothing is known yet.</summary>
    public const string Unknown = "UNKNOWN";

    /// <summary>The model loads.</summary>
    public const string Starting = "STARTING";

    /// <summary>A prediction would be taken in.</summary>
    public const string Ready = "READY";

    /// <summary>Slots and queue are full.</summary>
    public const string Busy = "BUSY";

    /// <summary>The model could not be loaded.</summary>
    public const string SetupFailed = "SETUP_FAILED";

    /// <summary>The model has broken down; only a restart helps.</summary>
    public const string Defunct = "DEFUNCT";

    /// <summary>A run does not get on.</summary>
    public const string Unhealthy = "UNHEALTHY";
}

/// <summary>Judges how the server is.</summary>
internal sealed class ServerHealth(
    ModelSetup setup,
    PredictionDesk desk,
    PredictionRunner runner,
    IOptions<ModelServerOptions> options
)
{
    /// <summary>How it is now.</summary>
    public HealthReport Report()
    {
        if (setup.Progress is not { } progress)
        {
            return new HealthReport(HealthReport.Unknown);
        }

        if (progress.HasFailed)
        {
            return new HealthReport(HealthReport.SetupFailed);
        }

        if (progress.CompletedAt is null)
        {
            return new HealthReport(HealthReport.Starting);
        }

        var (wanted, canceled) = desk.LongestStill;
        var patience = options.Value.StallTime;
        return runner.Breakdown is { } breakdown ? new HealthReport(HealthReport.Defunct, breakdown)
            : canceled > patience
                ? new HealthReport(HealthReport.Defunct, Stalled("a canceled run has not let go", canceled))
            : wanted > patience
                ? new HealthReport(HealthReport.Unhealthy, Stalled("a run has made no progress", wanted))
            : new HealthReport(desk.Load.IsFull ? HealthReport.Busy : HealthReport.Ready);
    }

    private static string Stalled(string what, TimeSpan still) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} for {still.TotalSeconds:0} s");
}
