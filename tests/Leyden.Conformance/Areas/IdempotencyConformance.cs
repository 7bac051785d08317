using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class IdempotencyConformance<THost>(HostPool hosts, Scoreboard scoreboard)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private readonly (string, string) _key = ("Idempotency-Key", Body.Unique);

    [Fact]
    public async Task The_same_key_and_body_give_the_same_prediction_also_after_its_end()
    {
        var body = Body.Of("a cat");
        var first = (await Alice.CreateAsync(body, _key)).Ok();
        await Alice.UntilAsync(first.Id, "success");

        var second = (await Alice.CreateAsync(body, _key)).Ok();

        Assert.Equal(first.Id, second.Id);
        Assert.False(first.IsReplayed);
        Assert.True(second.IsReplayed);
    }

    [Fact]
    public async Task Ten_requests_at_once_with_one_key_make_one_prediction_and_one_bill()
    {
        var emulator = Emulator;
        var body = Body.Of("the same cat for everybody");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Alice.CreateAsync(body, _key)));

        Assert.Single(answers.Select(a => a.Ok().Id).Distinct());
        Assert.Equal(9, answers.Count(a => a.IsReplayed));
        await Alice.UntilAsync(answers[0].Id, "success");
        Assert.Equal(1, await emulator.BilledAsync((string)body["input"]!["prompt"]!));
    }

    [Fact]
    public async Task The_order_and_spelling_of_a_body_do_not_make_it_another()
    {
        var plain = Body.Of("a cat").ToJsonString();
        var other = JsonNode.Parse(plain)!;
        var input = other["input"]!.AsObject();
        other["input"] = new JsonObject(input.Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        var spelled =
            " "
            + new JsonObject(other.AsObject().Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))
                .ToJsonString()
                .Replace("a cat", "a \\u0063at", StringComparison.Ordinal);
        Assert.NotEqual(plain, spelled);

        var first = await Alice.PostAsync("v1/prediction", Caller.Text(plain), _key);
        var second = await Alice.PostAsync("v1/prediction", Caller.Text(spelled), _key);

        Assert.Equal(first.Ok().Id, second.Ok().Id);
    }

    [Fact]
    public async Task The_same_key_with_another_body_or_deadline_is_refused_and_not_billed()
    {
        var emulator = Emulator;
        var body = Body.Of("a cat");
        await Alice.AcceptedAsync(body, _key);
        var other = Body.Of("a cat that nobody gets");

        (await Alice.CreateAsync(other, _key)).Error(HttpStatusCode.UnprocessableEntity);
        (await Alice.CreateAsync(body, _key, ("Cancel-After", "2m"))).Error(HttpStatusCode.UnprocessableEntity);

        Assert.Equal(0, await emulator.BilledAsync((string)other["input"]!["prompt"]!));
    }

    [Fact]
    public async Task A_refused_request_uses_no_key_up()
    {
        (await Alice.CreateAsync(Body.Of("a cat", ("width", 3)), _key)).Error(HttpStatusCode.BadRequest, "width");

        Assert.False((await Alice.CreateAsync(Body.Of("a cat"), _key)).Ok().IsReplayed);
    }

    [Fact]
    public async Task A_failed_prediction_keeps_its_key()
    {
        _ = Emulator;
        var body = Body.Of("a cat [[fault:model-error]]");
        var failed = await Alice.FailedAsync(body, _key);

        var again = (await Alice.CreateAsync(body, _key)).Ok();

        Assert.Equal((string?)failed["id"], again.Id);
        Assert.True(again.IsReplayed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public async Task A_key_may_have_up_to_255_characters(int length)
    {
        // One character is soon used up on a host that lives on; the word makes the longer ones new.
        var key = length == 1 ? "k" : Body.Unique.PadRight(length, 'k');

        var answer = await Alice.CreateAsync(Body.Exactly("a cat with a key"), ("Idempotency-Key", key));

        answer.Ok();
    }

    [Fact]
    public async Task A_longer_key_is_refused_by_name() =>
        (await Alice.CreateAsync(Body.Of("a cat"), ("Idempotency-Key", new string('k', 256)))).Error(
            HttpStatusCode.BadRequest,
            "Idempotency-Key"
        );
}
