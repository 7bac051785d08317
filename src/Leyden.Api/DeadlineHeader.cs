using System.Globalization;
using System.Text.RegularExpressions;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api;

/// <summary>
/// The header by which a caller limits how long a prediction may take: <c>Cancel-After: 90s</c>, <c>1m30s</c>, <c>2h</c>, or plain
/// seconds. Its name and form are Replicate's (https://replicate.com/docs/topics/predictions/lifecycle).
/// </summary>
public static partial class DeadlineHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "Cancel-After";

    /// <summary>Reads the header.</summary>
    /// <param name="request">The request.</param>
    /// <param name="errors">Gets a fault more when the value is no duration.</param>
    /// <returns>The time from acceptance to the deadline; null when there is no such header or it is at fault.</returns>
    public static TimeSpan? Read(HttpRequest request, ICollection<InputError> errors)
    {
        if (request.Headers[Name] is not { Count: > 0 } values)
        {
            return null;
        }

        var value = values.ToString();
        var match = Duration().Match(value);
        if (value.Length > 20 || !match.Success)
        {
            errors.Add(
                InputError.NotAllowed(Name, $"\"{InputError.Shorten(value)}\"", "a duration such as 45s, 1m30s or 2h")
            );
            return null;
        }

        return TimeSpan.FromSeconds((Part("h") * 3600) + (Part("m") * 60) + Part("s"));

        double Part(string unit) =>
            match.Groups[unit] is { Success: true } group
                ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture)
                : 0;
    }

    [GeneratedRegex(
        @"\A(?=[0-9])((?<h>[0-9]{1,4})h)?((?<m>[0-9]{1,5})m)?((?<s>[0-9]{1,7})s?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Duration();
}
