using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class DeliveryConformance<THost>(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Target = "webhook";

    [Fact]
    public async Task Each_attempt_is_told_and_no_secret()
    {
        var inbox = await OpenAsync(receiver, number => number == 1 ? 500 : 204);
        var body = Body.To(inbox, "a cat", ("webhook_secret", "a secret of one's own"));
        body["webhook_url"] = $"{inbox.Url}?token=hidden";

        var id = await Alice.AcceptedAsync(body);

        var log = await UntilAsync(id, "delivered", attempts: 2);
        Assert.Equal((Target, "webhook"), ((string?)log["target"], (string?)log["kind"]));
        Assert.Equal(inbox.Url, (string?)log["address"]);
        var told = Assert.Single(log["events"]!.AsArray())!;
        Assert.Equal("prediction.succeeded", (string?)told["type"]);
        Assert.Equal((await inbox.UntilAsync(2))[0].Id, (string?)told["webhook_id"]);
        Assert.Equal([500, 204], told["attempts"]!.AsArray().Select(a => (int)a!["status"]!));
        Assert.Equal(2, (int)told["attempt_count"]!);
        Assert.Null(told["next_attempt_at"]);
        Assert.DoesNotContain("hidden", log.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("one's own", log.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redelivery_comes_under_the_same_id()
    {
        var inbox = await OpenAsync(receiver);
        var id = await Alice.AcceptedAsync(Body.To(inbox, "a cat"));
        await UntilAsync(id, "delivered");

        var answer = await RedeliverAsync(Alice, id, Target, "?event=succeeded");

        Assert.Equal(Target, (string?)answer.Is(HttpStatusCode.Accepted).Json["target"]);
        var webhooks = await inbox.UntilAsync(2);
        Assert.Equal(webhooks[0].Id, webhooks[1].Id);
        Assert.Equal((string?)webhooks[0].Json["status"], (string?)webhooks[1].Json["status"]);
        await UntilAsync(id, "delivered", attempts: 2);
    }

    [Fact]
    public async Task A_receiver_that_wants_no_more_is_not_asked_again_until_somebody_redelivers()
    {
        var inbox = await OpenAsync(receiver, number => number == 1 ? 410 : 204);
        var id = await Alice.AcceptedAsync(Body.To(inbox, "a cat"));
        var log = await UntilAsync(id, "gone");
        Assert.Equal("gone", (string?)log["state"]);
        Assert.Equal(410, (int)log["events"]![0]!["attempts"]![0]!["status"]!);

        (await RedeliverAsync(Alice, id, Target)).Is(HttpStatusCode.Accepted);

        await inbox.UntilAsync(2);
        await UntilAsync(id, "delivered", attempts: 2);
    }

    [Fact]
    public async Task Deliveries_are_the_owners_own_and_faults_are_told_by_name()
    {
        RequireKeys();
        var inbox = await OpenAsync(receiver);
        var id = await Alice.AcceptedAsync(Body.To(inbox, "a cat"));
        await UntilAsync(id, "delivered");

        (await Bob.GetAsync(PathOf(id))).Error(HttpStatusCode.NotFound);
        (await RedeliverAsync(Bob, id, Target)).Error(HttpStatusCode.NotFound);
        (await Nobody.GetAsync(PathOf(id))).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await RedeliverAsync(Nobody, id, Target)).Error(HttpStatusCode.Unauthorized, "X-API-Key");
        (await RedeliverAsync(Alice, id, "another")).Error(HttpStatusCode.NotFound);
        (await RedeliverAsync(Alice, id, Target, "?event=bogus")).Error(HttpStatusCode.BadRequest, "event");
        Assert.Single(await inbox.UntilAsync(1));
    }

    [Fact]
    public async Task Who_told_nobody_to_be_told_has_no_deliveries()
    {
        var id = (string)(await Alice.SucceededAsync(Body.Of("a cat")))["id"]!;

        var own = (await Alice.GetAsync(PathOf(id))).Ok().Json["deliveries"]!.AsArray();

        // A host may have receivers configured for all predictions.
        Assert.DoesNotContain(Target, own.Select(log => (string?)log!["target"]));
        (await RedeliverAsync(Alice, id, Target)).Error(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_was_given_up_and_who_is_configured_can_be_listed()
    {
        var parked = (await Alice.GetAsync("v1/deliveries?state=parked&limit=1")).Ok().Json;
        var endpoints = (await Alice.GetAsync("v1/webhooks/endpoints")).Ok().Json;

        Assert.InRange(parked["deliveries"]!.AsArray().Count, 0, 1);
        Assert.True(parked.ContainsKey("next_cursor"), $"{parked}");
        Assert.All(endpoints["endpoints"]!.AsArray(), endpoint => Assert.NotEmpty((string)endpoint!["name"]!));
        (await Alice.GetAsync("v1/deliveries")).Error(HttpStatusCode.BadRequest, "state");
        (await Alice.GetAsync("v1/deliveries?state=parked&limit=0")).Error(HttpStatusCode.BadRequest, "limit");
        (await Alice.GetAsync("v1/deliveries?state=parked&cursor=x")).Error(HttpStatusCode.BadRequest, "cursor");
        (await Alice.PostAsync("v1/webhooks/endpoints/endpoint-nowhere/resume", null)).Error(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_was_created_without_a_secret_is_signed_with_the_callers_own_of_this_host()
    {
        var inbox = await OpenAsync(receiver);
        var answer = (await Alice.GetAsync("v1/webhooks/default/secret")).Ok();
        var secret = (string)answer.Json["key"]!;

        await Alice.AcceptedAsync(Body.To(inbox, "a cat"));

        var webhook = (await inbox.UntilAsync(1))[0];
        await StandardWebhooks.VerifyAsync(webhook, secret);
        await StandardWebhooks.RefuseAsync(webhook, await SecretAsync(Bob));
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore, "It may be stored.");
    }

    [Fact]
    public async Task Each_caller_has_a_secret_of_its_own_which_stays()
    {
        RequireKeys();

        var mine = await SecretAsync(Alice);

        Assert.Equal(mine, await SecretAsync(Alice));
        Assert.NotEqual(mine, await SecretAsync(Bob));
        (await Nobody.GetAsync("v1/webhooks/default/secret")).Error(HttpStatusCode.Unauthorized, "X-API-Key");
    }

    private static async Task<string> SecretAsync(Caller caller) =>
        (string)(await caller.GetAsync("v1/webhooks/default/secret")).Ok().Json["key"]!;

    private static string PathOf(string id) => $"v1/prediction/{id}/deliveries";

    private static Task<Answer> RedeliverAsync(Caller caller, string id, string target, string query = "") =>
        caller.PostAsync($"{PathOf(id)}/{target}/redeliver{query}", null);

    /// <summary>Waits for the delivery of the first event of a prediction to its webhook to stand somewhere.</summary>
    private async Task<JsonObject> UntilAsync(string id, string state, int attempts = 1)
    {
        JsonObject? log = null;
        await Caller.EventuallyAsync(
            async () =>
            {
                var all = (await Alice.GetAsync(PathOf(id))).Ok().Json["deliveries"]!.AsArray();
                log = all.SingleOrDefault(one => (string?)one!["target"] == Target)?.AsObject();
                return log?["events"]![0] is { } told
                    && (string?)told["state"] == state
                    && (int)told["attempt_count"]! >= attempts;
            },
            $"the delivery of {id} being {state} after {attempts} attempts"
        );
        return log!;
    }
}
