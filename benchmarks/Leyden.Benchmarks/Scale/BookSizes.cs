using System.Text.Json;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Benchmarks.Scale;

/// <summary>How long the books are, which every change of them reads or writes whole.</summary>
internal static class BookSizes
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, 123, 456, TimeSpan.Zero);

    /// <summary>The bytes of the books of a busy backend.</summary>
    /// <param name="perMinute">Requests that were made in the last minute.</param>
    /// <param name="places">How many have a place.</param>
    /// <param name="waiting">How many wait for one.</param>
    /// <returns>Before docs/decisions/0019, and now.</returns>
    public static (int Before, int After) Of(int perMinute, int places, int waiting)
    {
        var limits = new BackendLimits(perMinute, places, TimeSpan.FromSeconds(30), false);
        var books = LedgerState.Empty with
        {
            Running = [.. Ids(places).Select(id => new Place(id, Now.AddMinutes(12), Called: false))],
            Waiting = [.. Ids(waiting)],
        };
        var times = Enumerable
            .Range(0, perMinute)
            .Select(i => Now + (TimeSpan.FromSeconds(60) * i / perMinute))
            .ToList();
        foreach (var time in times)
        {
            (books, _) = books.Request("any", time, limits);
        }

        var before = new EarlierBooks(
            [.. books.Running.Select(p => new EarlierPlace(p.Id, p.Until, p.Called))],
            books.Waiting,
            [.. times.Select(t => new EarlierRequest(t, null))],
            books.RunTimes,
            books.Callbacks
        );
        return (Bytes(before), Bytes(books));
    }

    private static int Bytes<T>(T books) => JsonSerializer.SerializeToUtf8Bytes(books, LeydenJson.Options).Length;

    private static IEnumerable<string> Ids(int count)
    {
        var random = Randomness.Create();
        return Enumerable.Range(0, count).Select(i => PredictionId.New(Now.AddMilliseconds(i), random).Value);
    }

    private sealed record EarlierBooks(
        IReadOnlyList<EarlierPlace> Running,
        IReadOnlyList<string> Waiting,
        IReadOnlyList<EarlierRequest> Requests,
        RunTimes RunTimes,
        CallbackRecord Callbacks
    );

    private sealed record EarlierPlace(string Id, DateTimeOffset Until, bool Called);

    private sealed record EarlierRequest(DateTimeOffset Time, string? By);
}
