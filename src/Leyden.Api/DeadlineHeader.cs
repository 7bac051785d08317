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
    /// <returns>The time from acceptance to the deadline; null when there is no such header.</returns>
    /// <exception cref="ApiException">400: the value is no duration.</exception>
    public static TimeSpan? Read(HttpRequest request)
    {
        var value = request.Headers[Name].ToString();
        if (value.Length == 0)
        {
            return null;
        }

        var match = Duration().Match(value);
        if (value.Length > 20 || !match.Success)
        {
            var allowed = "a duration such as 45s, 1m30s or 2h";
            var error = InputError.NotAllowed(Name, $"\"{InputError.Shorten(value)}\"", allowed);
            throw new ApiException(StatusCodes.Status400BadRequest, error.Message, [error]);
        }

        return TimeSpan.FromSeconds((Part("h") * 3600) + (Part("m") * 60) + Part("s"));

        double Part(string unit) =>
            match.Groups[unit] is { Success: true } group
                ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture)
                : 0;
    }

    [GeneratedRegex(
        @"\A(?=\d)((?<h>\d{1,4})h)?((?<m>\d{1,5})m)?((?<s>\d{1,7})s?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Duration();
}
