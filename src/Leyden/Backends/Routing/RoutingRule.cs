using System.ComponentModel.DataAnnotations;

namespace Leyden.Backends;

/// <summary>
/// By what a backend is chosen for predictions that leave it to the program (docs/decisions/0016). Configuration section
/// <c>Leyden:Routing</c>.
/// </summary>
public sealed class RoutingRule
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Routing";

    /// <summary>How much longer than elsewhere a prediction may wait for the container. Default: 10 seconds. 0 to 1 hour.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "01:00:00",
        ErrorMessage = Section + ":MaxExtraWait must be from 0 to 1 hour."
    )]
    public TimeSpan MaxExtraWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a cold start of the container takes. Default: 3 minutes. 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = Section + ":ColdStart must be from 0 to 1 hour.")]
    public TimeSpan ColdStart { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// How long the container stays up unused: it is taken for warm for so long, and a start must pay for itself within it. Default: 5
    /// minutes, as in Container Apps. 10 seconds to 1 day.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:10",
        "1.00:00:00",
        ErrorMessage = Section + ":WarmTime must be from 10 seconds to 1 day."
    )]
    public TimeSpan WarmTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After how many failures in a row a backend gets no more predictions for a while. Default: 3. 1…100.</summary>
    [Range(1, 100, ErrorMessage = Section + ":BreakerFailures must be from 1 to 100.")]
    public int BreakerFailures { get; set; } = 3;

    /// <summary>For how long at first; doubled each time up to ten minutes. Default: 30 seconds. 1 second to 10 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:10:00",
        ErrorMessage = Section + ":BreakerPause must be from 1 second to 10 minutes."
    )]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(30);
}
