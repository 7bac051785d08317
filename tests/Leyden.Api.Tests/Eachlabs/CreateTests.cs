namespace Leyden.Api.Tests.Eachlabs;

public sealed class CreateTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Theory]
    [InlineData("/v1/prediction")]
    [InlineData("/v1/prediction/")]
    public async Task A_create_is_answered_as_eachlabs_answers_it(string path)
    {
        var body = ApiClient.Body("a cat").ToJsonString();

        var answer = (await _host.Alice.PostAsync(path, ApiClient.Text(body))).Ok();

        Assert.Equal(["status", "message", "predictionID"], answer.Json.Select(member => member.Key));
        Assert.Equal("success", answer.Json["status"]!.GetValue<string>());
        Assert.Equal("Prediction created successfully", answer.Json["message"]!.GetValue<string>());
        Assert.Matches("^[0-9a-z]{26}$", answer.Id);
        Assert.False(answer.IsReplayed);
    }

    [Fact]
    public async Task The_body_of_the_documented_client_is_accepted_word_for_word()
    {
        const string body = """
            {
              "model": "sdxl-lightning-4step", "version": "0.0.1",
              "input": {
                "seed": null, "width": "1024", "height": "1024", "prompt": "A superhero smiling", "scheduler": "K_EULER",
                "num_outputs": "1", "guidance_scale": "0", "negative_prompt": "worst quality, low quality",
                "num_inference_steps": "4", "disable_safety_checker": "true"
              }
            }
            """;

        var answer = (await _host.Alice.PostAsync("/v1/prediction/", ApiClient.Text(body))).Ok();

        var input = (await _host.Alice.ReadAsync(answer.Id))["input"]!;
        Assert.Equal(1024, input["width"]!.GetValue<int>());
        Assert.True(input["disable_safety_checker"]!.GetValue<bool>());
        Assert.InRange(input["seed"]!.GetValue<long>(), 0, uint.MaxValue);
    }

    [Fact]
    public async Task The_key_may_come_as_a_bearer_token()
    {
        var answer = await _host.Nobody.CreateAsync(
            ApiClient.Body("a cat"),
            ("Authorization", $"Bearer {ApiHost.AliceKey}")
        );

        await _host.Alice.ReadAsync(answer.Ok().Id);
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_body_is_forgiven()
    {
        var body = ApiClient.Text("\uFEFF" + ApiClient.Body("a cat").ToJsonString());

        (await _host.Alice.PostAsync("/v1/prediction", body)).Ok();
    }

    [Fact]
    public async Task A_body_without_a_content_type_is_taken_for_json()
    {
        var body = ApiClient.Text(ApiClient.Body("a cat").ToJsonString());
        body.Headers.ContentType = null;

        (await _host.Alice.PostAsync("/v1/prediction", body)).Ok();
    }

    [Fact]
    public async Task An_explicit_backend_is_taken_and_told()
    {
        var body = ApiClient.Body("a cat");
        body["backend"] = "eachlabs";

        var prediction = await _host.Alice.ReadAsync(await _host.Alice.AcceptedAsync(body));

        Assert.Equal("eachlabs", prediction["backend"]!.GetValue<string>());
    }

    [Fact]
    public async Task Unicode_comes_back_as_it_was_sent()
    {
        const string prompt = "ein Kätzchen 🐈 \"猫\" <b>\n";

        var prediction = await _host.Alice.ReadAsync(await _host.Alice.AcceptedAsync(ApiClient.Body(prompt)));

        Assert.Equal(prompt, prediction["input"]!["prompt"]!.GetValue<string>());
    }
}
