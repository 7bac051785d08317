using Leyden.Api.Eachlabs;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Api;

/// <summary>What a caller asks of a list: <c>?limit=20&amp;cursor=…</c>.</summary>
/// <param name="Limit">The most entries of the page, 1…100.</param>
/// <param name="Cursor">Where the page before ended; null for the first.</param>
internal sealed record PageQuery(int Limit, string? Cursor)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    /// <summary>Reads a page by the query of a call.</summary>
    /// <exception cref="ApiException">400: the limit or the cursor is none.</exception>
    public static async Task<TPage> ReadAsync<TPage>(ApiCall call, Func<PageQuery, Task<TPage>> read)
    {
        var query = call.Request.Query;
        var limit = DefaultLimit;
        if (query["limit"] is { Count: > 0 } text && (!int.TryParse(text, out limit) || limit is < 1 or > MaxLimit))
        {
            throw EachlabsCreateRequest.Invalid([
                InputError.NotAllowed(
                    "limit",
                    $"\"{InputError.Shorten(text!)}\"",
                    $"a whole number from 1 to {MaxLimit}"
                ),
            ]);
        }

        try
        {
            return await read(new PageQuery(limit, query["cursor"] is { Count: > 0 } given ? given.ToString() : null));
        }
        catch (InvalidCursorException)
        {
            throw EachlabsCreateRequest.Invalid([
                new InputError("cursor", "cursor is none that this list gave; leave it out to begin with the newest."),
            ]);
        }
    }
}
