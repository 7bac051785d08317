using System.Reflection;
using System.Text.RegularExpressions;
using Leyden.Telemetry;

namespace Leyden.Monitoring.Tests;

/// <summary>Holds the queries to the tables of Application Insights and to what the code sends there.</summary>
public sealed partial class QueryTests(BoundQueries queries, ExportedTelemetry exported)
{
    private static readonly string Sources = Repository.SourcesOf("src/Leyden");

    private static readonly HashSet<string> SpanTags =
    [
        .. typeof(TelemetryTags)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetValue(null)!),
    ];

    [Fact]
    public void Every_query_parses_and_binds_to_the_tables()
    {
        Assert.Equal(MonitoringQueries.All().Keys.Order(), queries.All.Keys.Order());
        Assert.Empty(queries.All.SelectMany(q => q.Value.Faults.Select(fault => $"{q.Key}: {fault}")));
        Assert.All(queries.All, query => Assert.NotEmpty(query.Value.Columns));
        Assert.All(queries.All, query => Assert.NotEmpty(query.Value.Tables));
    }

    [Fact]
    public async Task What_is_no_query_or_names_an_unknown_column_is_found_out()
    {
        var bound = await BoundQuery.BindAsync(
            new Dictionary<string, string>
            {
                ["syntax"] = "customMetrics | where (name",
                ["column"] = "customMetrics | where nam == 'x'",
                ["table"] = "AppMetrics | take 1",
                ["function"] = "customMetrics | summarize total(valueSum)",
            },
            TestContext.Current.CancellationToken
        );

        Assert.All(bound, query => Assert.NotEmpty(query.Value.Faults));
    }

    [Fact]
    public void Every_metric_in_a_query_is_sent_with_the_dimensions_that_the_query_asks_for()
    {
        foreach (var (where, query) in queries.Of("customMetrics"))
        {
            var names = query.Literals.Where(text => text.StartsWith("leyden.", StringComparison.Ordinal)).ToList();
            Assert.True(names.Count > 0, $"{where} names no metric");
            Assert.All(names, name => Assert.True(exported.Metrics.Contains(name), $"{where}: no metric {name}"));
            var dimensions = names.SelectMany(DimensionsOf).ToHashSet();
            Assert.All(query.Keys, key => Assert.True(dimensions.Contains(key), $"{where}: no dimension {key}"));
        }
    }

    [Fact]
    public void Every_span_and_tag_in_a_query_is_one_of_the_codes_own()
    {
        foreach (var (where, query) in queries.Of("dependencies"))
        {
            Assert.All(query.Keys, key => Assert.True(SpanTags.Contains(key), $"{where}: no tag {key}"));
            Assert.All(
                query.Literals.Where(text => text.StartsWith("prediction.", StringComparison.Ordinal)),
                span => Assert.True(IsSaid(span), $"{where}: no span {span}")
            );
        }
    }

    [Fact]
    public void Every_key_of_the_log_in_a_query_is_sent()
    {
        Assert.All(
            queries.Of("traces"),
            q => Assert.All(q.Value.Keys, key => Assert.True(exported.LogKeys.Contains(key), $"{q.Key}: no key {key}"))
        );
    }

    [Fact]
    public void Every_other_word_that_a_query_compares_with_is_one_that_the_code_says()
    {
        foreach (var (where, query) in queries.All)
        {
            Assert.All(
                query.Literals.Where(text => Word().IsMatch(text)),
                word => Assert.True(IsSaid(word), $"{where}: nobody says {word}")
            );
        }
    }

    [Fact]
    public void The_exporter_sends_sums_and_for_histograms_counts()
    {
        var counter = Assert.Single(exported.Metrics["leyden.intake.messages"]);
        var histogram = Assert.Single(exported.Metrics["leyden.backend.quota.wait.duration"]);

        Assert.Equal(1, (double)counter["value"]!);
        Assert.Equal((1, 0.0), ((int)histogram["count"]!, (double)histogram["value"]!));
        Assert.NotNull(histogram["max"]);
        var span = Assert.Single(exported.Dependencies, d => (string)d["name"]! == "prediction.restart");
        Assert.Equal("01m87dk9yv8kbqh2z458wb6nh7", (string)span["properties"]![TelemetryTags.PredictionId]!);
    }

    private IEnumerable<string> DimensionsOf(string metric) =>
        exported
            .Metrics[metric]
            .SelectMany(point => point["dimensions"]!.AsObject())
            .Select(dimension => dimension.Key);

    private static bool IsSaid(string word) => Sources.Contains($"\"{word}\"", StringComparison.Ordinal);

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$")]
    private static partial Regex Word();
}
