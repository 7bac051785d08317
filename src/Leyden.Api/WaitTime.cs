using System.Globalization;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api;

/// <summary>
/// How long a read waits for the end: <c>?wait=30</c>, or <c>Prefer: wait=30</c> (RFC 7240, section 4.3), in whole seconds. The
/// query is the stronger of the two.
/// </summary>
public static class WaitTime
{
    /// <summary>The name of the query's field.</summary>
    public const string Field = "wait";

    private const string Header = "Prefer";

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="longest">The longest that is allowed.</param>
    /// <param name="error">What is wrong with it; null when nothing is.</param>
    /// <returns>Zero when nothing is asked for.</returns>
    public static TimeSpan Read(HttpRequest request, TimeSpan longest, out InputError? error)
    {
        error = null;
        var (name, value) = request.Query[Field] is { Count: > 0 } query
            ? (Field, query.ToString())
            : (Header, Preference(request));
        if (value is null)
        {
            return TimeSpan.Zero;
        }

        var most = (int)longest.TotalSeconds;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= most)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        var allowed = $"whole seconds from 0 to {most}";
        error = InputError.NotAllowed(name, $"\"{InputError.Shorten(value)}\"", allowed);
        return TimeSpan.Zero;
    }

    // Other preferences are none of ours: RFC 7240 has them ignored.
    private static string? Preference(HttpRequest request) =>
        request
            .Headers[Header]
            .SelectMany(line => (line ?? "").Split(','))
            .Select(preference => preference.Split(';')[0].Split('='))
            .Where(pair => pair.Length == 2 && pair[0].Trim().Equals(Field, StringComparison.OrdinalIgnoreCase))
            .Select(pair => pair[1].Trim().Trim('"'))
            .FirstOrDefault();
}
