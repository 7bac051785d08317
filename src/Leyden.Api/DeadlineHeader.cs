using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api;

/// <summary>
/// The header by which a caller limits how long a prediction may take: <c>Cancel-After: 90s</c>, <c>1m30s</c>, <c>2h</c>, or plain
/// seconds. Its name and form are Replicate's (https://replicate.com/docs/topics/predictions/lifecycle).
/// </summary>
public static class DeadlineHeader
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
        if (DurationText.TryParse(value, out var deadline))
        {
            return deadline;
        }

        errors.Add(InputError.NotAllowed(Name, $"\"{InputError.Shorten(value)}\"", DurationText.Form));
        return null;
    }
}
