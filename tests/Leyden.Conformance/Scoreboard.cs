using System.Collections.Concurrent;
using System.Text;

namespace Leyden.Conformance;

/// <summary>
/// What held where: a table of areas and hosts, printed when the run ends, and written to <c>conformance.md</c> beside the
/// tests, since test runners may swallow what is printed.
/// </summary>
public sealed class Scoreboard : IDisposable
{
    private readonly ConcurrentDictionary<(string Area, string Host), Score> _scores = new();
    private readonly ConcurrentDictionary<string, int> _reasons = new();

    /// <summary>Notes the outcome of a test.</summary>
    /// <param name="area">What it is about.</param>
    /// <param name="host">The host it ran on.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="reason">Why it was skipped.</param>
    public void Add(string area, string host, TestResult outcome, string? reason)
    {
        var score = outcome switch
        {
            TestResult.Passed => new Score(1, 0, 0),
            TestResult.Skipped => new Score(0, 0, 1),
            _ => new Score(0, 1, 0),
        };
        _scores.AddOrUpdate((area, host), score, (_, before) => before + score);
        if (outcome == TestResult.Skipped)
        {
            _reasons.AddOrUpdate($"{host}: {reason}", 1, (_, before) => before + 1);
        }
    }

    public void Dispose()
    {
        if (!_scores.IsEmpty)
        {
            var table = Table();
            Console.WriteLine(table);
            File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "conformance.md"), table);
        }
    }

    private string Table()
    {
        var areas = _scores.Keys.Select(k => k.Area).Distinct().Order(StringComparer.Ordinal).ToList();
        var hosts = _scores.Keys.Select(k => k.Host).Distinct().Order(StringComparer.Ordinal).ToList();
        string[][] rows =
        [
            ["area", .. hosts],
            .. areas.Select(area => (string[])[area, .. hosts.Select(host => Text([(area, host)]))]),
            ["all", .. hosts.Select(host => Text(areas.Select(area => (area, host))))],
        ];
        var widths = Enumerable.Range(0, hosts.Count + 1).Select(c => rows.Max(r => r[c].Length)).ToList();
        var text = new StringBuilder("\n");
        foreach (var (number, row) in rows.Index())
        {
            text.AppendLine($"| {string.Join(" | ", row.Select((cell, c) => cell.PadRight(widths[c])))} |");
            if (number == 0)
            {
                text.AppendLine($"|{string.Join("|", widths.Select(w => new string('-', w + 2)))}|");
            }
        }

        foreach (var (reason, times) in _reasons.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"skipped {times} on {reason}");
        }

        return text.ToString();
    }

    private string Text(IEnumerable<(string Area, string Host)> cells)
    {
        var sum = cells.Aggregate(new Score(0, 0, 0), (a, cell) => a + _scores.GetValueOrDefault(cell, new(0, 0, 0)));
        (int Count, string Word)[] parts = [(sum.Failed, "FAILED"), (sum.Passed, "passed"), (sum.Skipped, "skipped")];
        return string.Join(", ", parts.Where(p => p.Count > 0).Select(p => $"{p.Count} {p.Word}"));
    }

    private sealed record Score(int Passed, int Failed, int Skipped)
    {
        public static Score operator +(Score one, Score other) =>
            new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);
    }
}
