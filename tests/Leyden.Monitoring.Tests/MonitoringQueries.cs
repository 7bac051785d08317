using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Leyden.Monitoring.Tests;

/// <summary>The queries of the alerts, of the workbook and of the runbook.</summary>
internal static partial class MonitoringQueries
{
    private const string Alerts = "infra/monitoring/alerts";

    /// <summary>The names of the alerts' queries, which are the alerts' own.</summary>
    public static IReadOnlyList<string> AlertNames { get; } =
    [
        .. Directory
            .EnumerateFiles(Repository.PathOf(Alerts), "*.kql")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The workbook as it is in the repository.</summary>
    public static JsonNode Workbook() => JsonNode.Parse(Repository.Read("infra/monitoring/workbook.json"))!;

    /// <summary>The workbook's items that ask something.</summary>
    public static IEnumerable<JsonNode> WorkbookItems() => Workbook()["items"]!.AsArray().Select(item => item!);

    /// <summary>All queries by where they are, ready to be bound.</summary>
    public static IReadOnlyDictionary<string, string> All()
    {
        var queries = AlertNames.ToDictionary(name => $"alert {name}", name => Repository.Read($"{Alerts}/{name}.kql"));
        foreach (var item in WorkbookItems().Where(item => (int)item["type"]! == 3))
        {
            queries.Add($"workbook {item["name"]}", ForBinding((string)item["content"]!["query"]!));
        }

        var runbook = KustoBlocks().Matches(Repository.Read("docs/operations.md"));
        foreach (var (index, block) in runbook.Index())
        {
            queries.Add($"runbook {index + 1}", block.Groups[1].Value);
        }

        return queries;
    }

    // What the workbook puts in before it asks.
    private static string ForBinding(string query) =>
        query.Replace("{TimeRange:grain}", "5m", StringComparison.Ordinal);

    [GeneratedRegex(@"^```kusto\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex KustoBlocks();
}
