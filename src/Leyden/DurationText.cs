using System.Globalization;
using System.Text.RegularExpressions;

namespace Leyden;

/// <summary>Spans of time as people write them: <c>45s</c>, <c>1m30s</c>, <c>2h</c>, <c>30d</c>; a plain number is seconds.</summary>
public static partial class DurationText
{
    /// <summary>What to tell somebody who wrote something else.</summary>
    public const string Form = "a duration such as 45s, 1m30s or 2h";

    private const int MaxLength = 30;

    /// <summary>Reads a span. None is longer than 30 years, so that it can be added to any present moment.</summary>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var match = text.Length <= MaxLength ? Parts().Match(text) : Match.Empty;
        duration = TimeSpan.FromSeconds((Part("d") * 86400) + (Part("h") * 3600) + (Part("m") * 60) + Part("s"));
        return match.Success;

        double Part(string unit) =>
            match.Groups[unit] is { Success: true } group
                ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture)
                : 0;
    }

    [GeneratedRegex(
        @"\A(?=[0-9])((?<d>[0-9]{1,4})d)?((?<h>[0-9]{1,4})h)?((?<m>[0-9]{1,5})m)?((?<s>[0-9]{1,7}(\.[0-9]{1,3})?)s?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Parts();
}
