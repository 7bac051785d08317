using System.Net;
using Leyden.Backends;
using Leyden.Callbacks;
using Leyden.Emulators.Eachlabs;
using Leyden.Predictions;

namespace Leyden.Api.Tests.Callbacks;

/// <summary>Reports of the backend, from the emulator over HTTP to the end of the prediction.</summary>
public sealed class CallbackTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WebhookForm.Prediction)]
    [InlineData(WebhookForm.Execution)]
    public async Task With_reports_a_prediction_takes_two_requests_whatever_they_say(WebhookForm form)
    {
        await using var host = await StartAsync(form);
        await LearnAsync(host);

        var before = host.Emulator.Counts;
        for (var i = 0; i < 10; i++)
        {
            await host.Alice.SucceededAsync(ApiClient.Body($"a cat {i}"));
        }

        var after = host.Emulator.Counts;
        Assert.Equal(10, after.CreatesReceived - before.CreatesReceived);
        Assert.Equal(10, after.Gets - before.Gets);
    }

    [Fact]
    public async Task Reports_that_never_come_cost_one_late_look_and_then_looks_come_at_the_usual_time_again()
    {
        await using var host = await StartAsync(WebhookForm.Prediction);
        await LearnAsync(host, usualSeconds: 3);
        host.Emulator.Options.Webhook = WebhookForm.None;

        await host.Alice.SucceededAsync(ApiClient.Body("the last to wait for a report"));

        await ApiClient.EventuallyAsync(
            async () => !(await host.Get<BackendLedger>().ReadAsync("eachlabs", Stop)).Callbacks.Works,
            "reports are not relied on any more"
        );
        await host.Alice.SucceededAsync(ApiClient.Body("the next"));
    }

    [Fact]
    public async Task A_report_before_the_create_is_answered_leads_to_one_look_right_after()
    {
        await using var host = await StartAsync(
            WebhookForm.Prediction,
            e => (e.QueueTime, e.RunTime) = (TimeSpan.Zero, TimeSpan.Zero)
        );
        await host.Alice.SucceededAsync(
            ApiClient.Body($"a cat {EachlabsFaults.Marker(EachlabsFault.WebhookBeforeAnswer)}")
        );

        Assert.Equal((1, 1, 1), Requests(host));
    }

    [Fact]
    public async Task Twenty_reports_at_once_lead_to_one_look()
    {
        await using var host = await StartAsync(WebhookForm.Prediction);
        await LearnAsync(host);
        var before = host.Emulator.Counts;

        await host.Alice.SucceededAsync(
            ApiClient.Body($"a cat {EachlabsFaults.Marker(EachlabsFault.WebhookRepeated)}")
        );

        await ApiClient.EventuallyAsync(
            () => Task.FromResult(host.Emulator.Counts.WebhooksDelivered - before.WebhooksDelivered == 20),
            "all twenty are answered"
        );
        Assert.Equal(1, host.Emulator.Counts.Gets - before.Gets);
    }

    [Fact]
    public async Task Reports_after_the_end_or_of_what_was_deleted_change_nothing()
    {
        await using var host = await StartAsync(WebhookForm.None);
        var ended = await host.Alice.SucceededAsync(ApiClient.Body("a cat"));
        var url = await UrlAsync(host, ApiClient.IdOf(ended));
        var before = host.Emulator.Counts.Gets;

        (await host.Nobody.PostAsync(url, ApiClient.Text("""{"status":"error"}"""))).Ok();
        Assert.Equal("success", ApiClient.StatusOf(await host.Alice.ReadAsync(ApiClient.IdOf(ended))));
        await host.Alice.DeleteAsync(ApiClient.IdOf(ended));
        (await host.Nobody.PostAsync(url, null)).Ok();

        Assert.Equal(before, host.Emulator.Counts.Gets);
    }

    [Fact]
    public async Task A_report_of_a_run_that_goes_on_costs_a_look_and_ends_nothing()
    {
        await using var host = await StartAsync(WebhookForm.None);
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await host.Alice.UntilAsync(id, "processing");

        (await host.Nobody.PostAsync(await UrlAsync(host, id), ApiClient.Text("""{"status":"success"}"""))).Ok();

        Assert.Equal("processing", ApiClient.StatusOf(await host.Alice.ReadAsync(id)));
        await host.Alice.CancelAsync(id);
        await host.Alice.UntilAsync(id, "cancelled");
    }

    [Fact]
    public async Task A_forged_token_is_404_and_leads_to_nothing()
    {
        await using var host = await StartAsync(WebhookForm.None);
        var id = await host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        await host.Alice.UntilAsync(id, "processing");
        var url = await UrlAsync(host, id);
        var changed = url[..^1] + (url[^1] == 'A' ? 'B' : 'A');
        string[] forged =
        [
            changed,
            url + "A",
            url + "=",
            url[..^1],
            $"/{CallbackAddress.Path}/x",
            $"/{CallbackAddress.Path}/{id}",
        ];

        foreach (var path in forged)
        {
            (await host.Nobody.PostAsync(path, ApiClient.Text("{}"))).Error(HttpStatusCode.NotFound);
        }

        await host.Alice.CancelAsync(id);
        await host.Alice.UntilAsync(id, "cancelled");
    }

    [Fact]
    public async Task A_report_may_be_large_or_no_JSON_at_all()
    {
        await using var host = await StartAsync(WebhookForm.None);
        var ended = await host.Alice.SucceededAsync(ApiClient.Body("a cat"));
        var url = await UrlAsync(host, ApiClient.IdOf(ended));

        (await host.Nobody.PostAsync(url, new ByteArrayContent(new byte[6_000_000]))).Ok();
        (await host.Nobody.PostAsync(url, ApiClient.Text("{"))).Ok();
    }

    [Fact]
    public async Task Without_a_public_address_no_backend_is_asked_to_report()
    {
        await using var host = await ApiHost.StartAsync();

        await host.Alice.SucceededAsync(ApiClient.Body("a cat"));

        Assert.Equal(0, host.Emulator.Counts.WebhooksDelivered);
        Assert.False(host.Get<CallbackAddress>().IsReachable);
    }

    /// <summary>
    /// Learns that reports come. The schedule believes in long runs, so that it is the reports that come first however busy the machine is.
    /// </summary>
    private static async Task LearnAsync(ApiHost host, int usualSeconds = 60)
    {
        var ledger = host.Get<BackendLedger>();
        var backend = host.Get<BackendDirectory>().Find("eachlabs")!;
        var example = await host.Alice.SucceededAsync(ApiClient.Body("an example"));
        var record = await host.Get<PredictionStore>()
            .FindAsync(new Owner("alice"), PredictionId.Parse(ApiClient.IdOf(example)), Stop);
        var usual = TimeSpan.FromSeconds(usualSeconds);
        for (var i = 0; i < 24; i++)
        {
            var other = record! with { Id = PredictionId.New(DateTimeOffset.UnixEpoch, Randomness.Create()) };
            await ledger.EnterAsync(backend, other, Stop);
            var run = new RunSample(record.Model, record.Workload, usual, usual, FirstLookWasEarly: null);
            await ledger.LeaveAsync(backend, other, run, Stop);
        }

        await ApiClient.EventuallyAsync(
            async () =>
            {
                await host.Alice.SucceededAsync(ApiClient.Body("learning"));
                return (await ledger.ReadAsync("eachlabs", Stop)).Callbacks.Works;
            },
            "reports are relied on"
        );
    }

    private static (int Creates, int Gets, int Webhooks) Requests(ApiHost host) =>
        (host.Emulator.Counts.CreatesReceived, host.Emulator.Counts.Gets, host.Emulator.Counts.WebhooksDelivered);

    private static async Task<string> UrlAsync(ApiHost host, string id)
    {
        var tokens = host.Get<CallbackTokens>();
        var owner = new Owner("alice");
        return $"/{CallbackAddress.Path}/{await tokens.MakeAsync(owner, PredictionId.Parse(id), Stop)}";
    }

    private static Task<ApiHost> StartAsync(WebhookForm form, Action<EachlabsEmulatorOptions>? emulate = null) =>
        ApiHost.StartAsync(
            [ApiHost.ReachableForBackends()],
            options =>
            {
                options.Webhook = form;
                emulate?.Invoke(options);
            }
        );
}
