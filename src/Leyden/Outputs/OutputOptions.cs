using System.ComponentModel.DataAnnotations;

namespace Leyden.Outputs;

/// <summary>What outputs of backends may be. Configuration section <c>Leyden:Outputs</c>.</summary>
public sealed class OutputOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Outputs";

    /// <summary>The largest output that is taken, in bytes. Default: 30 MiB. 1 KiB to 1 GiB.</summary>
    [Range(1 << 10, 1 << 30, ErrorMessage = Section + ":MaxBytes must be from 1024 to 1073741824.")]
    public long MaxBytes { get; set; } = 30 << 20;

    /// <summary>How long fetching and storing one output may take. Default: 60 seconds. 1 second to 10 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:10:00",
        ErrorMessage = Section + ":Timeout must be from 1 second to 10 minutes."
    )]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);
}
