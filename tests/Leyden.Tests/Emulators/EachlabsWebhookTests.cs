using System.Text.Json.Nodes;
using System.Threading.Channels;
using Leyden.Emulators.Eachlabs;
using Leyden.Tests.Net;

namespace Leyden.Tests.Emulators;

public sealed class EachlabsWebhookTests
{
    [Theory]
    [InlineData(WebhookForm.Prediction, null, "id", "success")]
    [InlineData(WebhookForm.Prediction, EachlabsFault.ModelError, "id", "error")]
    [InlineData(WebhookForm.Execution, null, "exec_id", "succeeded")]
    [InlineData(WebhookForm.Execution, EachlabsFault.ModelError, "exec_id", "failed")]
    public async Task A_finished_prediction_is_posted_in_the_chosen_form(
        WebhookForm form,
        EachlabsFault? fault,
        string idName,
        string status
    )
    {
        var received = Channel.CreateUnbounded<string>();
        await using var receiver = ReceiverInto(received);
        await using var api = await EmulatedApi.StartAsync(Options(form));

        var id = await CreateAsync(api, receiver, fault is null ? "a test" : EachlabsFaults.Marker(fault.Value));
        var request = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);

        var payload = JsonNode.Parse(request[request.IndexOf("\r\n\r\n", StringComparison.Ordinal)..])!;
        Assert.Equal((id, status), ((string?)payload[idName], (string?)payload["status"]));
        Assert.Contains("X-Webhook-Secret: the secret\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_is_posted_at_once_and_only_once()
    {
        var received = Channel.CreateUnbounded<string>();
        await using var receiver = ReceiverInto(received);
        await using var api = await EmulatedApi.StartAsync(Endless(WebhookForm.Prediction));
        var id = await CreateAsync(api, receiver, "a test");

        await api.PostAsync($"v1/prediction/{id}/cancel", null);
        var request = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await api.PostAsync($"v1/prediction/{id}/cancel", null);

        Assert.Contains("\"status\":\"cancelled\"", request, StringComparison.Ordinal);
        await AssertNextIsOfAnotherAsync(api, receiver, received, id);
    }

    [Fact]
    public async Task None_is_sent_where_the_form_says_so()
    {
        var received = Channel.CreateUnbounded<string>();
        await using var receiver = ReceiverInto(received);
        await using var api = await EmulatedApi.StartAsync(Endless(WebhookForm.None));
        var id = await CreateAsync(api, receiver, "a test");

        await api.PostAsync($"v1/prediction/{id}/cancel", null);

        api.Emulator.Options.Webhook = WebhookForm.Prediction;
        await AssertNextIsOfAnotherAsync(api, receiver, received, id);
    }

    // That nothing more comes of a prediction shows when something that was asked for later has come.
    private static async Task AssertNextIsOfAnotherAsync(
        EmulatedApi api,
        RawServer receiver,
        Channel<string> received,
        string id
    )
    {
        var other = await CreateAsync(api, receiver, "another test");
        await api.PostAsync($"v1/prediction/{other}/cancel", null);
        var request = await received.Reader.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Contains(other, request, StringComparison.Ordinal);
        Assert.DoesNotContain(id, request, StringComparison.Ordinal);
    }

    private static EachlabsEmulatorOptions Endless(WebhookForm form) =>
        new() { Webhook = form, RunTime = TimeSpan.FromHours(1) };

    private static EachlabsEmulatorOptions Options(WebhookForm form) =>
        new() { Webhook = form, RunTime = TimeSpan.FromMilliseconds(50) };

    private static RawServer ReceiverInto(Channel<string> received) =>
        new(async exchange =>
        {
            await exchange.AnswerAsync(200, "");
            await received.Writer.WriteAsync(exchange.Request, exchange.Stop);
        });

    private static async Task<string> CreateAsync(EmulatedApi api, RawServer receiver, string prompt)
    {
        var body = EmulatedApi.Body(prompt);
        body["webhook_url"] = new Uri(receiver.BaseUrl, "hooks/1").ToString();
        body["webhook_secret"] = "the secret";
        return (string)(await api.PostAsync("v1/prediction", body)).Answer["predictionID"]!;
    }
}
