using System.Globalization;
using System.Text.RegularExpressions;

namespace Leyden.Emulators.Eachlabs;

/// <summary>
/// A run time on command: <c>[[run-time:1500]]</c> in a prompt, in milliseconds, instead of
/// <see cref="EachlabsEmulatorOptions.RunTime"/>. Like the markers of faults it works across processes and disturbs nobody else.
/// </summary>
internal static partial class RunTimeMarker
{
    public static TimeSpan? Read(string prompt) =>
        Marker().Match(prompt) is { Success: true } marker
            ? TimeSpan.FromMilliseconds(int.Parse(marker.Groups["ms"].Value, CultureInfo.InvariantCulture))
            : null;

    [GeneratedRegex(@"\[\[run-time:(?<ms>[0-9]{1,7})\]\]", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
