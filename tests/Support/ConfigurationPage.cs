using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Leyden.TestSupport;

/// <summary>One setting, as docs/configuration.md has it.</summary>
/// <param name="Name">As a variable: <c>Leyden__Container__BaseUrl</c>.</param>
/// <param name="Default">The cell: between backticks when it is a value.</param>
/// <param name="Range">The cell: <c>1…100</c> where it is a range.</param>
/// <param name="Hosts">The letters of the hosts that read it.</param>
public sealed record SettingRow(string Name, string Default, string Range, string Hosts);

/// <summary>docs/configuration.md, read so that it can be held to the code.</summary>
public static partial class ConfigurationPage
{
    /// <summary>Where it is.</summary>
    public const string File = "docs/configuration.md";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<SettingRow> Settings { get; } =
    [
        .. SettingRows()
            .Matches(RepositoryFile.Read(File))
            .Select(m => new SettingRow(Cell(m, 1), Cell(m, 2), Cell(m, 3), Cell(m, 4))),
    ];

    /// <summary>The variables of the deployment, with the cells of their defaults.</summary>
    public static IReadOnlyDictionary<string, string> Deployment { get; } = Variables("The deployment to Azure");

    /// <summary>The variables of other names, with the hosts that read them.</summary>
    public static IReadOnlyDictionary<string, string> OtherVariables { get; } = Variables("Variables of other names");

    /// <summary>The names and defaults of an options class's settings, as the page has to have them.</summary>
    public static IEnumerable<(string Name, object? Default)> Of(Type options, string section)
    {
        var defaults = Activator.CreateInstance(options);
        return options
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite)
            .Select(p => ($"{section}:{p.Name}".Replace(":", "__", StringComparison.Ordinal), p.GetValue(defaults)));
    }

    /// <summary>Asserts that a row has a default.</summary>
    public static void AssertDefault(string name, object? value)
    {
        var cell = Settings.Single(s => s.Name == name).Default;
        if (value is null)
        {
            Assert.False(cell.StartsWith('`'), $"{name} has no default, but the page says {cell}.");
        }
        else
        {
            Assert.Equal((name, $"`{Text(value)}`"), (name, cell));
        }
    }

    /// <summary>Asserts that both ends of each range are taken, and what is beyond is refused by the setting's name.</summary>
    /// <param name="rows">Of the settings.</param>
    /// <param name="start">Starts with a setting set; returns the line that is shown when that is refused.</param>
    public static void AssertRanges(IEnumerable<SettingRow> rows, Func<string, string, string?> start)
    {
        var ranges = 0;
        foreach (var row in rows)
        {
            if (Range().Match(row.Range) is not { Success: true } range)
            {
                continue;
            }

            ranges++;
            var setting = row.Name.Replace("__", ":", StringComparison.Ordinal);
            var (least, most) = (range.Groups[1].Value, range.Groups[2].Value);
            foreach (var taken in new[] { least, most })
            {
                var line = start(setting, taken) ?? "";
                Assert.False(line.Contains(setting, StringComparison.Ordinal), $"{taken}: {line}");
            }

            foreach (var refused in new[] { Beyond(least, -1), Beyond(most, 1) })
            {
                var line = start(setting, refused);
                Assert.True(
                    line?.Contains(setting, StringComparison.Ordinal),
                    $"{setting} = {refused} is not refused by name: {line ?? "it is taken"}"
                );
            }
        }

        Assert.True(ranges > 0, "No row has a range.");
    }

    private static string Beyond(string end, int direction) =>
        end.Contains(':', StringComparison.Ordinal)
            ? (TimeSpan.Parse(end, CultureInfo.InvariantCulture) + TimeSpan.FromTicks(direction)).ToString("c")
            : (decimal.Parse(end, CultureInfo.InvariantCulture) + direction).ToString(CultureInfo.InvariantCulture);

    private static string Text(object value) =>
        value switch
        {
            TimeSpan time => time.ToString("c"),
            bool or Enum => value.ToString()!.ToLowerInvariant(),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static Dictionary<string, string> Variables(string heading)
    {
        var page = RepositoryFile.Read(File);
        var part = page[page.IndexOf($"## {heading}", StringComparison.Ordinal)..];
        var end = part.IndexOf("\n## ", StringComparison.Ordinal);
        return VariableRows()
            .Matches(end < 0 ? part : part[..end])
            .SelectMany(m =>
                VariableNames().Matches(Cell(m, 1)).Select(name => (Name: name.Groups[1].Value, Cell: Cell(m, 2)))
            )
            .ToDictionary(v => v.Name, v => v.Cell);
    }

    private static string Cell(Match row, int number) => row.Groups[number].Value.Trim();

    [GeneratedRegex(@"^\| `(Leyden__[^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|[^|]+\|\r?$", RegexOptions.Multiline)]
    private static partial Regex SettingRows();

    [GeneratedRegex(@"^\| (`[^|]*) \|([^|]*)\|.*$", RegexOptions.Multiline)]
    private static partial Regex VariableRows();

    [GeneratedRegex("`([A-Za-z_]+)`")]
    private static partial Regex VariableNames();

    [GeneratedRegex(@"^([0-9.:]+)…([0-9.:]+)$")]
    private static partial Regex Range();
}
