using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class IdempotencyTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Header = "Idempotency-Key";
    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task The_same_key_and_body_give_the_same_prediction()
    {
        var first = (await _host.Alice.CreateAsync(ApiClient.Body("a cat"), (Header, "same"))).Ok();
        await _host.Alice.UntilAsync(first.Id, "success");

        var second = (await _host.Alice.CreateAsync(ApiClient.Body("a cat"), (Header, "same"))).Ok();

        Assert.Equal(first.Id, second.Id);
        Assert.False(first.IsReplayed);
        Assert.True(second.IsReplayed);
    }

    [Fact]
    public async Task Many_requests_at_once_with_one_key_make_one_prediction_and_one_bill()
    {
        const string prompt = "the same cat for everybody";

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 32)
                .Select(_ => _host.Alice.CreateAsync(ApiClient.Body(prompt), (Header, "many at once")))
        );

        Assert.Single(answers.Select(a => a.Ok().Id).Distinct());
        Assert.Equal(31, answers.Count(a => a.IsReplayed));
        await _host.Alice.UntilAsync(answers[0].Id, "success");
        Assert.Equal(1, _host.Emulator.Counts.BilledByPrompt[prompt]);
    }

    [Fact]
    public async Task The_order_and_spelling_of_a_body_do_not_make_it_another()
    {
        var first = await _host.Alice.PostAsync(
            "/v1/prediction",
            ApiClient.Text("""{"model":"sdxl-lightning-4step","input":{"prompt":"a cat","width":256,"height":256}}"""),
            (Header, "spelling")
        );

        var second = await _host.Alice.PostAsync(
            "/v1/prediction",
            ApiClient.Text(
                """{ "input": {"height":256, "width":256, "prompt":"a \u0063at"}, "model": "sdxl-lightning-4step" }"""
            ),
            (Header, "spelling")
        );

        Assert.Equal(first.Ok().Id, second.Ok().Id);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"), (Header, "reused"));
        var before = _host.Emulator.Counts.BilledByPrompt.Count;

        var other = await _host.Alice.CreateAsync(ApiClient.Body("a cat that nobody gets"), (Header, "reused"));
        var deadline = await _host.Alice.CreateAsync(
            ApiClient.Body("a cat"),
            (Header, "reused"),
            ("Cancel-After", "1h")
        );

        Assert.Contains(Header, other.Error(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        deadline.Error(HttpStatusCode.UnprocessableEntity);
        Assert.DoesNotContain("a cat that nobody gets", _host.Emulator.Counts.BilledByPrompt.Keys);
        Assert.InRange(_host.Emulator.Counts.BilledByPrompt.Count, before, before + 1);
    }

    [Fact]
    public async Task The_same_key_of_two_callers_is_two_keys()
    {
        var alice = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"), (Header, "shared"));
        var bob = (await _host.Bob.CreateAsync(ApiClient.Body("a dog"), (Header, "shared"))).Ok();

        Assert.NotEqual(alice, bob.Id);
        Assert.False(bob.IsReplayed);
        Assert.Equal(alice, await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"), (Header, "shared")));
    }

    [Fact]
    public async Task A_refused_body_does_not_use_its_key_up()
    {
        (await _host.Alice.CreateAsync(ApiClient.Body(""), (Header, "kept"))).Error(
            HttpStatusCode.BadRequest,
            "prompt"
        );

        Assert.False((await _host.Alice.CreateAsync(ApiClient.Body("a cat"), (Header, "kept"))).Ok().IsReplayed);
    }

    [Fact]
    public async Task A_deleted_prediction_sets_its_key_free()
    {
        var first = await _host.Alice.SucceededAsync(ApiClient.Body("a cat"), (Header, "deleted"));
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Alice.DeleteAsync(ApiClient.IdOf(first))).Status);

        var second = (await _host.Alice.CreateAsync(ApiClient.Body("a dog"), (Header, "deleted"))).Ok();

        Assert.NotEqual(ApiClient.IdOf(first), second.Id);
        Assert.False(second.IsReplayed);
    }

    [Fact]
    public async Task A_failed_prediction_keeps_its_key()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("[[fault:create-forbidden]]"), (Header, "failed"));
        await _host.Alice.UntilAsync(id, "error");

        Assert.Equal(
            id,
            await _host.Alice.AcceptedAsync(ApiClient.Body("[[fault:create-forbidden]]"), (Header, "failed"))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public async Task A_key_of_allowed_length_is_taken(int length) =>
        await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"), (Header, new string('k', length)));

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public async Task A_key_of_another_length_is_refused_by_name(int length) =>
        (await _host.Alice.CreateAsync(ApiClient.Body("a cat"), (Header, new string('k', length)))).Error(
            HttpStatusCode.BadRequest,
            Header
        );
}
