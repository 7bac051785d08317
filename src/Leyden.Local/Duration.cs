using System.Globalization;
using System.Text.RegularExpressions;

namespace Leyden.Local;

/// <summary>Spans of time as people type them: <c>45s</c>, <c>1m30s</c>, <c>2h</c>, <c>30d</c>; plain numbers are seconds.</summary>
internal static partial class Duration
{
    /// <summary>Reads a span.</summary>
    /// <returns>Whether it has the form of one.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var match = Form().Match(text);
        duration = TimeSpan.FromSeconds((Part("d") * 86400) + (Part("h") * 3600) + (Part("m") * 60) + Part("s"));
        return match.Success;

        double Part(string unit) =>
            match.Groups[unit] is { Success: true } group
                ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture)
                : 0;
    }

    [GeneratedRegex(
        @"\A(?=\d)((?<d>\d{1,4})d)?((?<h>\d{1,5})h)?((?<m>\d{1,6})m)?((?<s>\d{1,8}(\.\d{1,3})?)s?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Form();
}
