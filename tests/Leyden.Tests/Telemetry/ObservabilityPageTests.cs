using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Leyden.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Telemetry;

/// <summary>Holds docs/observability.md to the instruments of the meter and the tags that they are given.</summary>
public sealed partial class ObservabilityPageTests
{
    [Fact]
    public async Task The_page_lists_each_instrument_with_its_kind_its_unit_its_tags_and_what_it_measures()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                instruments.Add(instrument);
            }
        };
        listener.Start();
        using var recorded = new RecordedMetrics(meters);
        EveryMeasurement.Take(new LeydenMetrics(meters));

        var page = await File.ReadAllTextAsync(Page(), TestContext.Current.CancellationToken);
        var lines = Rows().Matches(page).Select(m => m.Value);

        Assert.Equal(instruments.Select(i => Row(i, recorded)).Order(), lines.Order());
    }

    private static string Row(Instrument instrument, RecordedMetrics recorded)
    {
        var kind = instrument is Histogram<double> ? "histogram" : "counter";
        var tags = recorded.Of(instrument.Name).SelectMany(m => m.Tags.Keys).Distinct().Select(t => $"`{t}`");
        return $"| `{instrument.Name}` | {kind} | `{instrument.Unit}` | {string.Join(", ", tags)} | {instrument.Description} |";
    }

    private static string Page([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "observability.md");

    [GeneratedRegex(@"^\| `leyden\.[^|]*\| (counter|histogram) \|.*$", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
