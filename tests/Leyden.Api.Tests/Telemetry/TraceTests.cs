using System.Diagnostics;
using System.Net;
using System.Text;
using Leyden.Api.Telemetry;
using Leyden.Callbacks;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.TestSupport;
using Microsoft.Extensions.DependencyInjection;
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

    private const string WithoutDeliveries = """
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

        """;

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

        Assert.Equal(WithoutDeliveries, Tree(trace, CallersSpan), ignoreLineEndingDifferences: true);
        Assert.DoesNotContain(trace, s => s.Status == ActivityStatusCode.Error);
        Assert.All(
            trace.Where(s => s.Source.Name == PredictionTracing.SourceName && s.OperationName.StartsWith("prediction")),
            s => Assert.Equal(id, s.GetTagItem(TelemetryTags.PredictionId))
        );
    }

    [Fact]
    public async Task The_trace_goes_on_to_the_webhook_and_shows_nothing_of_where_it_leads()
    {
        var spans = new CollectedSpans();
        await using var receiver = await TelemetryReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var host = await StartAsync(spans);
        var body = ApiClient.Body(Prompt);
        body["webhook_url"] = new Uri(receiver.Address, "hook/address-that-no-span-may-show?token=secret").AbsoluteUri;
        body["webhook_secret"] = "whsec_c2VjcmV0LXRoYXQtbm8tc3Bhbi1tYXktc2hvdw==";

        var id = await host.Alice.AcceptedAsync(body, ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"));
        await host.Alice.UntilAsync(id, "success");
        await EndedAsync(spans, "orchestration:DeliveryOrchestrator");
        var trace = await TraceAsync(spans, host, receiver.Address);

        // The engine writes the span of a start at the end of what was started, and for deliveries nobody waits for that.
        var courier = Assert.Single(trace, s => s.DisplayName == "orchestration:DeliveryOrchestrator");
        var below = Below(trace, courier);
        Assert.Equal(
            """
            orchestration:DeliveryOrchestrator
              activity:DeliverEvent
                activity:DeliverEvent
                  prediction.deliver
                    POST

            """,
            Tree(below, courier.ParentSpanId.ToHexString()),
            ignoreLineEndingDifferences: true
        );
        Assert.Equal(WithoutDeliveries, Tree([.. trace.Except(below)], CallersSpan), ignoreLineEndingDifferences: true);
        Assert.Single(receiver.All);
        var delivery = Assert.Single(trace, s => s.OperationName == "prediction.deliver");
        Assert.Equal(
            (id, "webhook", "delivered", 1),
            (
                delivery.GetTagItem(TelemetryTags.PredictionId),
                delivery.GetTagItem(TelemetryTags.Kind),
                delivery.GetTagItem(TelemetryTags.Outcome),
                delivery.GetTagItem(TelemetryTags.Attempt)
            )
        );
        Assert.All(
            trace.Select(Text),
            text =>
            {
                Assert.DoesNotContain("address-that-no-span-may-show", text, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
                Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
            }
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // as the door leaves it, before SpanPrivacy sees it
    public async Task A_path_with_a_token_is_recorded_as_its_route(bool withPrivacy)
    {
        var spans = new CollectedSpans();
        await using var host = await StartAsync(spans, withPrivacy);
        var ended = await host.Alice.SucceededAsync(ApiClient.Body("a cat"));
        var output = new Uri(ended["output"]!.GetValue<string>()).AbsolutePath;
        var token = await host.Get<CallbackTokens>()
            .MakeAsync(
                new Owner("alice"),
                PredictionId.Parse(ApiClient.IdOf(ended)),
                TestContext.Current.CancellationToken
            );
        var callback = $"/{CallbackAddress.Path}/{token}";

        // In a trace of their own: tests that run at the same time leave spans of these routes too.
        (string, string) ours = ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01");
        (await host.Nobody.GetAsync(output, ours)).Ok();
        await host.Nobody.GetAsync(output.Replace("/outputs/", "/outputs/x", StringComparison.Ordinal), ours);
        (await host.Nobody.PostAsync(callback, ApiClient.Text("{}"), ours)).Ok();
        await host.Nobody.PostAsync($"{callback}x", ApiClient.Text("{}"), ours);

        foreach (var route in ApiRoutes.All.Where(r => r.HasToken))
        {
            await ApiClient.EventuallyAsync(() => Task.FromResult(Of(route).Count == 2), $"both spans of {route.Name}");
            Assert.All(Of(route), s => Assert.Equal($"/{route.Pattern}", s.GetTagItem("url.path")));
            Assert.All(
                Of(route).Select(Text),
                text => Assert.DoesNotContain(token[..20], text, StringComparison.Ordinal)
            );
            Assert.All(
                Of(route).Select(Text),
                text => Assert.DoesNotContain(output.Split('/')[2], text, StringComparison.Ordinal)
            );
        }

        IReadOnlyList<Activity> Of(ApiRoute route) =>
            [
                .. spans
                    .Of(ActivityTraceId.CreateFromString(CallersTrace))
                    .Where(s => (s.GetTagItem("http.route") as string)?.TrimStart('/') == route.Pattern),
            ];
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

    [Fact]
    public async Task A_request_about_a_batch_is_not_taken_for_one_about_a_prediction()
    {
        const string Id = "01arz3ndektsv4rrffq69g5fav"; // of either kind by its form, and of nothing that is there
        var spans = new CollectedSpans();
        await using var host = await StartAsync(spans);

        (await host.Alice.GetAsync($"/v1/batches/{Id}")).Error(HttpStatusCode.NotFound);
        (await host.Alice.GetAsync($"/v1/prediction/{Id}")).Error(HttpStatusCode.NotFound);

        await ApiClient.EventuallyAsync(
            () =>
                Task.FromResult(
                    Routes(spans, TelemetryTags.BatchId, Id).Count + Routes(spans, TelemetryTags.PredictionId, Id).Count
                        == 2
                ),
            "both requests' spans"
        );
        Assert.Equal(["v1/batches/{id}"], Routes(spans, TelemetryTags.BatchId, Id));
        Assert.Equal(["v1/prediction/{id}"], Routes(spans, TelemetryTags.PredictionId, Id));
    }

    // Of this id alone: tests that run at the same time are heard as well.
    private static List<string> Routes(CollectedSpans spans, string tag, string id) =>
        [
            .. spans
                .All.Where(s => s.Kind == ActivityKind.Server && id.Equals(s.GetTagItem(tag)))
                .Select(s => ((string)s.GetTagItem("http.route")!).TrimStart('/')),
        ];

    private static Task<ApiHost> StartAsync(CollectedSpans spans, bool withPrivacy = true) =>
        ApiHost.StartAsync(add: services =>
        {
            var telemetry = withPrivacy
                ? services.AddLeydenTelemetry().WithServer()
                : services.AddOpenTelemetry().WithServer();
            telemetry.WithTracing(traces => traces.AddProcessor(new SimpleActivityExportProcessor(spans)));
        });

    /// <summary>
    /// The caller's trace once the orchestration has ended, without what the emulator, and the receiver of a webhook, add to it from the
    /// other side.
    /// </summary>
    private static async Task<IReadOnlyList<Activity>> TraceAsync(
        CollectedSpans spans,
        ApiHost host,
        Uri? receiver = null
    )
    {
        await EndedAsync(spans, "orchestration:PredictionOrchestrator");
        int[] others = receiver is null ? [host.Emulator.BaseUrl.Port] : [host.Emulator.BaseUrl.Port, receiver.Port];
        return
        [
            .. OfCaller(spans)
                .Where(s =>
                    s.Kind != ActivityKind.Server || !others.Contains(s.GetTagItem("server.port") as int? ?? 0)
                ),
        ];
    }

    private static Task EndedAsync(CollectedSpans spans, string orchestration) =>
        ApiClient.EventuallyAsync(
            () => Task.FromResult(OfCaller(spans).Any(s => s.DisplayName == orchestration)),
            $"the span {orchestration}, which is written at its end"
        );

    private static IReadOnlyList<Activity> OfCaller(CollectedSpans spans) =>
        spans.Of(ActivityTraceId.CreateFromString(CallersTrace));

    /// <summary>A span and all that descend from it.</summary>
    private static List<Activity> Below(IReadOnlyList<Activity> trace, Activity top)
    {
        List<Activity> below = [top];
        for (var i = 0; i < below.Count; i++)
        {
            below.AddRange(trace.Where(s => s.ParentSpanId == below[i].SpanId));
        }

        return below;
    }

    /// <summary>The spans as an indented list, in order of their starts. One whose parent is not there is left out, and so noticed.</summary>
    private static string Tree(IReadOnlyList<Activity> spans, string root)
    {
        var text = new StringBuilder();
        Write(root, 0);
        var written = text.ToString();
        Assert.True(
            spans.Count == written.Count(c => c == '\n'),
            $"Not all spans are below the root:\n{written}\n{string.Join('\n', spans.Select(s => $"{s.ParentSpanId} {s.SpanId} {s.DisplayName}"))}"
        );
        return written;

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
