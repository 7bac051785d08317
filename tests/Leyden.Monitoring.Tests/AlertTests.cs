using System.Text.RegularExpressions;

namespace Leyden.Monitoring.Tests;

/// <summary>Holds infra/modules/alerts.bicep to its queries and to the runbook.</summary>
public sealed partial class AlertTests(BoundQueries queries)
{
    private static readonly string Bicep = Repository.Read("infra/modules/alerts.bicep");

    [Fact]
    public void Every_query_has_a_rule_of_its_name_and_every_rule_a_query()
    {
        Assert.Equal(
            MonitoringQueries.AlertNames,
            Rules().Select(r => r.Groups["name"].Value).Order(StringComparer.Ordinal)
        );
        Assert.All(Rules(), r => Assert.Equal(r.Groups["name"].Value, r.Groups["query"].Value));
    }

    [Fact]
    public void What_a_rule_measures_and_splits_by_are_columns_of_its_query()
    {
        Assert.All(
            Rules(),
            rule =>
            {
                var columns = queries.All[$"alert {rule.Groups["name"].Value}"].Columns;
                var measured = rule.Groups["column"].Value;
                Assert.Contains(columns, c => c == $"{measured}:real" || c == $"{measured}:long");
                var by = Quoted().Matches(rule.Groups["by"].Value).Select(m => $"{m.Groups[1].Value}:string");
                Assert.Equal(columns.Where(c => c.EndsWith(":string", StringComparison.Ordinal)).Order(), by.Order());
            }
        );
    }

    [Fact]
    public void Every_rule_has_a_part_of_the_runbook_and_every_such_part_a_rule()
    {
        var alerts = Repository
            .Read("docs/operations.md")
            .Split("\n## ")
            .Single(p => p.StartsWith("Alerts\n", StringComparison.Ordinal));

        var parts = Headings().Matches(alerts).Select(m => m.Groups[1].Value);

        Assert.Equal(Rules().Select(r => r.Groups["name"].Value).Order(), parts.Order());
        Assert.Contains("${runbook}#${rule.name}", Bicep, StringComparison.Ordinal);
    }

    private static List<Match> Rules()
    {
        var rules = Rule().Matches(Bicep);
        Assert.Equal(Regex.Count(Bicep, "loadTextContent"), rules.Count);
        return rules.ToList();
    }

    [GeneratedRegex(
        @"^    name: '(?<name>[^']+)'\n    title: '.+'\n    action: '.+'\n    query: loadTextContent\('\.\./monitoring/alerts/(?<query>[^']+)\.kql'\)\n    column: '(?<column>[^']+)'\n    by: \[(?<by>[^\]]*)\]",
        RegexOptions.Multiline
    )]
    private static partial Regex Rule();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();
}
