using System.Diagnostics;
using System.Text;
using Leyden.Api.Telemetry;
using Leyden.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Leyden.Api.Tests.Telemetry;

public sealed class TraceTests
{
    private const string CallersTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private const string Prompt = "a prompt that no span may show";

    /// <summary>Part of every key of <see cref="ApiHost"/>.</summary>
    private const string PartOfKeys = "that-no-log-may-show";

    [Fact]
    public async Task One_trace_goes_from_the_callers_request_through_the_orchestration_to_the_last_call_of_the_backend()
    {
        var spans = new CollectedSpans();
        await using var host = await StartAsync(spans);

        var id = await host.Alice.AcceptedAsync(
            ApiClient.Body(Prompt),
            ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01")
        );
        await host.Alice.UntilAsync(id, "success");
        var trace = await TraceAsync(spans, host);

        Assert.Equal(
            """
            POST v1/prediction
              prediction.accept
                orchestration:PredictionOrchestrator
                  activity:SubmitPrediction
                    activity:SubmitPrediction
                      prediction.submit
                        backend.submit
                          POST
                  orchestration:PredictionOrchestrator:timer
                  activity:ObservePrediction
                    activity:ObservePrediction
                      prediction.observe
                        backend.observe
                          GET
                        GET

            """,
            Tree(trace, CallersSpan),
            ignoreLineEndingDifferences: true
        );
        Assert.DoesNotContain(trace, s => s.Status == ActivityStatusCode.Error);
        Assert.All(
            trace.Where(s => s.Source.Name == PredictionTracing.SourceName && s.OperationName.StartsWith("prediction")),
            s => Assert.Equal(id, s.GetTagItem(TelemetryTags.PredictionId))
        );
    }

    [Fact]
    public async Task Spans_show_no_prompt_no_key_and_no_link()
    {
        var spans = new CollectedSpans();
        await using var host = await StartAsync(spans);

        var ended = await host.Alice.SucceededAsync(
            ApiClient.Body(Prompt),
            ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01")
        );
        var link = new Uri(ended["output"]!.GetValue<string>());
        (await host.Nobody.GetAsync(link.PathAndQuery)).Ok();
        await host.Nobody.GetAsync($"{link.AbsolutePath}/misspelt");
        await host.Alice.GetAsync("/v1/predictions?limit=1&no-query=secret");
        await TraceAsync(spans, host);

        var token = link.Segments[2].Trim('/');
        Assert.True(token.Length > 20, $"{link} has no token where this test looks for it.");
        Assert.Contains(spans.All, s => s.GetTagItem("http.route") is string route && route.Contains("{token}"));
        Assert.All(
            spans.All.Select(Text),
            text =>
            {
                Assert.DoesNotContain(Prompt, text, StringComparison.Ordinal);
                Assert.DoesNotContain(PartOfKeys, text, StringComparison.Ordinal);
                Assert.DoesNotContain(token, text, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
            }
        );
    }

    private static Task<ApiHost> StartAsync(CollectedSpans spans) =>
        ApiHost.StartAsync(add: services =>
            services
                .AddLeydenTelemetry()
                .WithServer()
                .WithTracing(traces => traces.AddProcessor(new SimpleActivityExportProcessor(spans)))
        );

    /// <summary>The caller's trace once the orchestration has ended, without what the emulator adds to it from the other side.</summary>
    private static async Task<IReadOnlyList<Activity>> TraceAsync(CollectedSpans spans, ApiHost host)
    {
        var id = ActivityTraceId.CreateFromString(CallersTrace);
        await ApiClient.EventuallyAsync(
            () => Task.FromResult(spans.Of(id).Any(s => s.DisplayName == "orchestration:PredictionOrchestrator")),
            "the orchestration's span, which is written at its end"
        );
        return
        [
            .. spans
                .Of(id)
                .Where(s =>
                    s.Kind != ActivityKind.Server || s.GetTagItem("server.port") as int? != host.Emulator.BaseUrl.Port
                ),
        ];
    }

    /// <summary>The spans as an indented list, in order of their starts. One whose parent is not there is left out, and so noticed.</summary>
    private static string Tree(IReadOnlyList<Activity> spans, string root)
    {
        var text = new StringBuilder();
        Write(root, 0);
        Assert.Equal(spans.Count, text.ToString().Count(c => c == '\n'));
        return text.ToString();

        void Write(string parent, int depth)
        {
            foreach (var span in spans.Where(s => s.ParentSpanId.ToHexString() == parent).OrderBy(s => s.StartTimeUtc))
            {
                text.Append(' ', 2 * depth).Append(span.DisplayName).Append('\n');
                Write(span.SpanId.ToHexString(), depth + 1);
            }
        }
    }

    /// <summary>All that an exporter would send of a span.</summary>
    private static string Text(Activity span) =>
        string.Join(
            '\n',
            span.TagObjects.Select(t => $"{t.Key}={t.Value}")
                .Concat(span.Events.SelectMany(e => e.Tags.Select(t => $"{e.Name}: {t.Key}={t.Value}")))
                .Concat(span.Baggage.Select(b => $"{b.Key}={b.Value}"))
                .Append(span.DisplayName)
                .Append(span.StatusDescription)
                .Append(span.TraceStateString)
        );
}
