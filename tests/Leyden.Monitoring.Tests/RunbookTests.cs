using System.Reflection;
using System.Text.RegularExpressions;
using Leyden.Api;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Telemetry;

namespace Leyden.Monitoring.Tests;

/// <summary>Holds the names in docs/operations.md to the code and to the repository.</summary>
public sealed partial class RunbookTests(ExportedTelemetry exported)
{
    private static readonly string Page = Repository.Read("docs/operations.md");

    [Fact]
    public void Every_route_is_one_of_the_API()
    {
        var patterns = ApiRoutes
            .All.Select(route => $"^{Parameter().Replace(route.Pattern, "[^/]+")}$")
            .Append("^runtime/webhooks/durabletask/instances/[^/]+$")
            .ToList();
        var paths = Paths().Matches(Page).Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.Contains(patterns, pattern => Regex.IsMatch(path, pattern)));
    }

    [Fact]
    public void Every_setting_is_in_the_table_of_settings()
    {
        var tables = Repository.Read("README.md") + Repository.ReadIfThere("docs/configuration.md");
        var infra =
            Repository.Read("infra/main.bicepparam")
            + Repository.Read("infra/main.bicep")
            + Repository.SourcesOf("tests/Leyden.Tests");

        var settings = Settings().Matches(Page).Select(m => m.Value).Distinct().ToList();

        Assert.NotEmpty(settings);
        Assert.All(
            settings,
            name =>
                Assert.Contains(
                    name,
                    name.StartsWith("Leyden__", StringComparison.Ordinal) ? tables : infra,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Every_function_that_is_disabled_is_there()
    {
        var functions = Functions().Match(Page).Groups[1].Value.Split(' ');

        Assert.Contains("CreatePrediction", functions);
        var triggers = Repository.SourcesOf("src/Leyden.Functions");
        Assert.All(functions, f => Assert.Contains($"[Function(nameof({f}))]", triggers, StringComparison.Ordinal));
    }

    [Fact]
    public void The_blobs_are_where_the_code_puts_them()
    {
        var owner = new Owner("shop");
        var id = PredictionId.Parse("01k9zq3v7m4t8w2x5y6z7a8b9c");

        Assert.All(
            [
                PredictionKeys.Record(owner, id),
                PredictionKeys.OpenMarker(owner, id),
                PredictionKeys.Output(owner, id, 0),
                DeliveryKeys.Log(owner, id, "webhook"),
                DeliveryKeys.Parked(owner, id, "webhook"),
            ],
            key => Assert.Contains($"`{key}`", Page, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_failure_code_has_its_row()
    {
        var codes = typeof(FailureCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetValue(null)!);

        Assert.Equal(codes.Order(), FailureRows().Matches(Page).Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void Every_metric_and_tag_that_is_named_is_the_codes_own()
    {
        var tags = typeof(TelemetryTags).GetFields().Select(field => (string?)field.GetValue(null));
        var names = Telemetry().Matches(Page).Select(m => m.Value).Distinct().ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(exported.Metrics.Contains(name) || tags.Contains(name), name));
    }

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var anchors = Headings()
            .Matches(Page)
            .Select(m =>
                m.Groups[1].Value.ToLowerInvariant().Replace(' ', '-').Replace("'", "", StringComparison.Ordinal)
            )
            .ToHashSet();

        Assert.All(
            Links().Matches(Page).Select(m => m.Groups[1].Value),
            link =>
                Assert.True(
                    link.StartsWith('#') ? anchors.Contains(link[1..]) : File.Exists(Repository.PathOf($"docs/{link}")),
                    link
                )
        );
    }

    [GeneratedRegex(@"\{[a-zA-Z]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"(?:\$API|[ `])/((?:v1|healthz|readyz|runtime)[A-Za-z0-9_/$-]*)")]
    private static partial Regex Paths();

    [GeneratedRegex(@"\bLeyden__\w+|\bLEYDEN_[A-Z0-9_]+")]
    private static partial Regex Settings();

    [GeneratedRegex(@"for F in ([^;]+); do")]
    private static partial Regex Functions();

    [GeneratedRegex(@"^\| `([a-z_]+)` \|[^|\n]+\|[^|\n]+\|$", RegexOptions.Multiline)]
    private static partial Regex FailureRows();

    [GeneratedRegex(@"(?<=[`""])leyden\.[a-z_.]+")]
    private static partial Regex Telemetry();

    [GeneratedRegex(@"^##+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Links();
}
