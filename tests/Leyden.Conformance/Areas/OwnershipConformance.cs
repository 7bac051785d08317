using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>What two callers see of each other, and what somebody without a key sees: nothing.</summary>
public abstract class OwnershipConformance<THost>(HostPool hosts, Scoreboard scoreboard)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Unknown = "01jx0000000000000000000000";

    [Fact]
    public async Task A_prediction_of_another_caller_does_not_exist()
    {
        var bob = Bob;
        var id = await RunningAsync(Alice);
        var unknown = (await bob.GetAsync($"v1/prediction/{Unknown}")).Text;

        Answer[] answers =
        [
            await bob.GetAsync($"v1/prediction/{id}"),
            await bob.CancelAsync(id),
            await bob.DeleteAsync(id),
        ];

        Assert.All(answers, answer => answer.Error(HttpStatusCode.NotFound));
        Assert.All(answers, answer => Assert.Equal(unknown, answer.Text));
        var still = await Alice.ReadAsync(id);
        Assert.Equal("processing", (string?)still["status"]);
        Assert.Null(still["cancel_requested_at"]);
    }

    [Fact]
    public async Task An_ended_prediction_of_another_caller_can_not_be_deleted()
    {
        var bob = Bob;
        var id = (string)(await Alice.SucceededAsync(Body.Of("a cat")))["id"]!;

        (await bob.DeleteAsync(id)).Error(HttpStatusCode.NotFound);

        await Alice.ReadAsync(id);
    }

    [Fact]
    public async Task Lists_and_their_cursors_are_the_callers_own()
    {
        var bob = Bob;
        var ofAlice = await Alice.AcceptedAsync(Body.Of("a cat"));
        await Alice.AcceptedAsync(Body.Of("another cat"));
        var ofBob = await bob.AcceptedAsync(Body.Of("a dog"));

        var listOfAlice = (await Alice.GetAsync("v1/predictions?limit=100")).Ok().Text;
        var listOfBob = (await bob.GetAsync("v1/predictions?limit=100")).Ok().Text;

        Assert.Contains(ofAlice, listOfAlice, StringComparison.Ordinal);
        Assert.DoesNotContain(ofBob, listOfAlice, StringComparison.Ordinal);
        Assert.Contains(ofBob, listOfBob, StringComparison.Ordinal);
        Assert.DoesNotContain(ofAlice, listOfBob, StringComparison.Ordinal);
        var cursor = (string)(await Alice.GetAsync("v1/predictions?limit=1")).Ok().Json["next_cursor"]!;
        var stolen = await bob.GetAsync($"v1/predictions?cursor={Uri.EscapeDataString(cursor)}&limit=100");
        Assert.DoesNotContain(ofAlice, stolen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idempotency_keys_are_the_callers_own()
    {
        var bob = Bob;
        (string, string) key = ("Idempotency-Key", Body.Unique);
        var body = Body.Of("a cat");

        var first = (await Alice.CreateAsync(body, key)).Ok();
        var second = (await bob.CreateAsync(body, key)).Ok();

        Assert.NotEqual(first.Id, second.Id);
        Assert.False(second.IsReplayed);
        (await bob.GetAsync($"v1/prediction/{first.Id}")).Error(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("POST", "v1/prediction")]
    [InlineData("POST", "v1/prediction/")]
    [InlineData("POST", "v1/prediction/run")]
    [InlineData("GET", "v1/prediction/01jx0000000000000000000000")]
    [InlineData("POST", "v1/prediction/01jx0000000000000000000000/cancel")]
    [InlineData("DELETE", "v1/prediction/01jx0000000000000000000000")]
    [InlineData("GET", "v1/predictions")]
    public async Task Without_a_valid_key_a_route_is_401(string method, string path)
    {
        RequireKeys();
        foreach (var client in new[] { Nobody, With("wrong"), With(Alice.Key + "x") })
        {
            var body = method == "POST" ? Caller.Text(Body.Of("a cat of nobody").ToJsonString()) : null;

            var answer = await client.SendAsync(new HttpMethod(method), path, body);

            Assert.Equal("Invalid or missing API key", answer.Error(HttpStatusCode.Unauthorized, "X-API-Key"));
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task The_key_may_come_as_a_bearer_token()
    {
        RequireKeys();
        var id = await Alice.AcceptedAsync(Body.Of("a cat"));

        (await Nobody.GetAsync($"v1/prediction/{id}", ("Authorization", $"Bearer {Alice.Key}"))).Ok();
        (await Nobody.GetAsync($"v1/prediction/{id}", ("Authorization", "Bearer wrong"))).Error(
            HttpStatusCode.Unauthorized,
            "X-API-Key"
        );
    }
}
