using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Predictions;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>Models that this program does not know: their input is passed on, their output brought in.</summary>
public sealed class OtherModelTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly JsonObject Input = new()
    {
        ["image"] = "https://example.com/a.png",
        ["strength"] = 0.25,
        ["steps"] = "30",
        ["large"] = 12345678901234567890m,
        ["flags"] = new JsonArray(true, null, new JsonObject { ["ü"] = "<&>" }),
        ["seed"] = null,
    };

    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task The_input_reaches_the_backend_as_given_and_is_shown_as_given()
    {
        var body = new JsonObject
        {
            ["model"] = "omni-zero",
            ["version"] = "0.0.1",
            ["input"] = Input.DeepClone(),
        };

        var prediction = await _host.Alice.SucceededAsync(body);

        Assert.True(JsonNode.DeepEquals(Input, prediction["input"]), prediction.ToJsonString());
        Assert.Equal("omni-zero", prediction["model"]!.GetValue<string>());
        Assert.Equal("0.0.1", prediction["version"]!.GetValue<string>());
        var sent = await SentAsync(prediction);
        Assert.True(JsonNode.DeepEquals(Input, sent["input"]), sent.ToJsonString());
        Assert.Equal("omni-zero", sent["model"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(OutputForm.StringOrArray, 1)]
    [InlineData(OutputForm.Array, 1)]
    [InlineData(OutputForm.Nested, 1)]
    [InlineData(OutputForm.StringOrArray, 3)]
    [InlineData(OutputForm.Array, 3)]
    [InlineData(OutputForm.Nested, 3)]
    public async Task Whatever_the_form_of_the_backend_s_output_ours_is_one_string_or_an_array(
        OutputForm form,
        int count
    )
    {
        _host.Emulator.Options.Output = form; // as long as this test runs: those of a class run one by one

        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body("cats", ("num_outputs", count)));

        var urls = count == 1 ? [prediction["output"]] : prediction["output"]!.AsArray().ToArray();
        Assert.Equal(count, urls.Length);
        await Assert.AllAsync(urls, async url => (await _host.Nobody.GetAsync(url!.GetValue<string>())).Ok());
    }

    [Fact]
    public async Task An_input_of_64_kilobytes_is_still_taken()
    {
        var input = new JsonObject { ["image"] = new string('x', ModelInput.MaxBytes - """{"image":""}""".Length) };

        var prediction = await _host.Alice.SucceededAsync(
            new JsonObject { ["model"] = "omni-zero", ["input"] = input }
        );

        Assert.Equal(ModelInput.MaxBytes, prediction["input"]!.ToJsonString().Length);
    }

    [Fact]
    public async Task A_model_that_the_backend_does_not_know_fails_with_its_words()
    {
        var body = new JsonObject { ["model"] = "no-such-model", ["input"] = new JsonObject() };

        var prediction = await _host.Alice.UntilAsync(await _host.Alice.AcceptedAsync(body), "error");

        Assert.Equal("backend_rejected", prediction["error_code"]!.GetValue<string>());
        Assert.Contains("no-such-model", prediction["error_detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private async Task<JsonObject> SentAsync(JsonObject prediction)
    {
        Assert.True(Owner.TryParse("alice", out var alice));
        var record = await _host
            .Get<PredictionStore>()
            .FindAsync(alice, PredictionId.Parse(ApiClient.IdOf(prediction)), TestContext.Current.CancellationToken);
        var url = new Uri(_host.Emulator.BaseUrl, $"/v1/prediction/{record!.Submission!.BackendId}");
        return (await _host.With(_host.Emulator.Options.ApiKey).GetAsync(url.AbsoluteUri)).Ok().Json;
    }
}
