using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class CreateConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Theory]
    [InlineData("v1/prediction")]
    [InlineData("v1/prediction/")]
    public async Task A_create_is_answered_as_eachlabs_answers_it(string path)
    {
        var answer = (await Alice.PostAsync(path, Caller.Text(Body.Of("a cat").ToJsonString()))).Ok();

        Assert.Equal(["status", "message", "predictionID"], answer.Json.Select(member => member.Key));
        Assert.Equal("success", (string?)answer.Json["status"]);
        Assert.Equal("Prediction created successfully", (string?)answer.Json["message"]);
        Assert.NotEmpty(answer.Id);
        Assert.False(answer.IsReplayed);
    }

    [Fact]
    public async Task Texts_that_spell_numbers_are_taken_for_numbers_and_defaults_are_filled_in()
    {
        var body = Body.Of("a cat", ("width", "512"), ("num_outputs", "1"), ("disable_safety_checker", "true"));

        var input = (await Alice.ReadAsync(await Alice.AcceptedAsync(body)))["input"]!;

        Assert.Equal(512, (int)input["width"]!);
        Assert.Equal(256, (int)input["height"]!);
        Assert.True((bool)input["disable_safety_checker"]!);
        Assert.Equal("K_EULER", (string?)input["scheduler"]);
        Assert.Equal("worst quality, low quality", (string?)input["negative_prompt"]);
        Assert.Equal(4, (int)input["num_inference_steps"]!);
        Assert.Equal(0, (decimal)input["guidance_scale"]!);
        Assert.InRange((long)input["seed"]!, 0, uint.MaxValue);
    }

    [Fact]
    public async Task Two_creates_without_a_seed_draw_two()
    {
        var seeds = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            seeds.Add((long)(await Alice.ReadAsync(await Alice.AcceptedAsync(Body.Of("a cat"))))["input"]!["seed"]!);
        }

        Assert.NotEqual(seeds[0], seeds[1]);
    }

    [Fact]
    public async Task A_seed_that_is_given_is_kept()
    {
        var body = Body.Of("a cat", ("seed", uint.MaxValue));

        Assert.Equal(uint.MaxValue, (uint)(await Alice.ReadAsync(await Alice.AcceptedAsync(body)))["input"]!["seed"]!);
    }

    [Fact]
    public async Task A_body_without_a_content_type_and_with_a_byte_order_mark_is_taken_for_json()
    {
        var body = Caller.Text("\uFEFF" + Body.Of("a cat").ToJsonString());
        body.Headers.ContentType = null;

        (await Alice.PostAsync("v1/prediction", body)).Ok();
    }

    [Fact]
    public async Task Unicode_comes_back_as_it_was_sent()
    {
        var prompt = $"ein Kätzchen 🐈 \"猫\" <b>\n{Body.Unique}";

        var prediction = await Alice.SucceededAsync(Body.Exactly(prompt));

        Assert.Equal(prompt, (string?)prediction["input"]!["prompt"]);
    }

    [Fact]
    public async Task A_chunked_body_is_read_like_any_other()
    {
        using var request = Alice.Request(
            HttpMethod.Post,
            "v1/prediction",
            Caller.Text(Body.Of("a cat").ToJsonString())
        );
        request.Headers.TransferEncodingChunked = true;

        using var answer = await Caller.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task The_input_of_another_model_is_passed_on_as_it_is()
    {
        _ = Emulator;
        var input = new JsonObject
        {
            ["text"] = $"deep {Body.Unique}",
            ["nested"] = new JsonObject { ["a"] = 1 },
        };
        var body = new JsonObject { ["model"] = "omni-zero", ["input"] = input.DeepClone() };

        var prediction = await Alice.SucceededAsync(body);

        Assert.Equal("omni-zero", (string?)prediction["model"]);
        Assert.True(JsonNode.DeepEquals(input, prediction["input"]), $"{prediction["input"]}");
    }
}
