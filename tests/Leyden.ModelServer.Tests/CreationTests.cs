using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Making predictions, by both routes and in both manners.</summary>
public sealed class CreationTests
{
    [Fact]
    public async Task A_synchronous_request_is_answered_with_the_pictures()
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { input = Input(("num_outputs", 3), ("seed", 41)) });

        Assert.Equal(200, answer.Status);
        Assert.Equal("succeeded", answer.Text("status"));
        Assert.StartsWith("pred_", answer.Text("id"), StringComparison.Ordinal);
        Assert.Equal(3, answer.Pictures.Count);
        Assert.All(answer.Pictures, png => Assert.Equal((256, 256), PngSize.Of(png)));
        Assert.True(answer.Json.GetProperty("metrics").GetProperty("predict_time").GetDouble() >= 0);
        Assert.Contains("Using seed: 41\n", answer.Text("logs"), StringComparison.Ordinal);
        Assert.Contains("100%|", answer.Text("logs"), StringComparison.Ordinal);
        Assert.False(answer.Has("error"));
        Assert.Equal([41u, 42u, 43u], server.Model.Runs.Single().Select(p => p.Seed));
    }

    [Fact]
    public async Task Seeds_of_further_pictures_wrap()
    {
        await using var server = await StartAsync();

        await server.PostAsync("/predictions", new { input = Input(("num_outputs", 2), ("seed", uint.MaxValue)) });

        Assert.Equal([uint.MaxValue, 0u], server.Model.Runs.Single().Select(p => p.Seed));
    }

    [Fact]
    public async Task What_is_left_out_has_the_models_defaults_and_a_drawn_seed_that_is_told()
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { input = new { prompt = "a dog" } });

        var input = answer.Json.GetProperty("input");
        Assert.Equal("worst quality, low quality", input.GetProperty("negative_prompt").GetString());
        Assert.Equal(1024, input.GetProperty("width").GetInt32());
        Assert.Equal(1024, input.GetProperty("height").GetInt32());
        Assert.Equal(1, input.GetProperty("num_outputs").GetInt32());
        Assert.Equal("K_EULER", input.GetProperty("scheduler").GetString());
        Assert.Equal(4, input.GetProperty("num_inference_steps").GetInt32());
        Assert.Equal(0, input.GetProperty("guidance_scale").GetDouble());
        Assert.False(input.GetProperty("disable_safety_checker").GetBoolean());
        Assert.Equal(server.Model.Runs.Single().Single().Seed, input.GetProperty("seed").GetUInt32());
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_picture()
    {
        await using var server = await StartAsync();

        var first = await server.PostAsync("/predictions", new { input = Input() });
        var second = await server.PostAsync("/predictions", new { input = Input() });

        Assert.Equal(first.Pictures.Single(), second.Pictures.Single());
    }

    [Theory]
    [InlineData("respond-async")]
    [InlineData("wait, Respond-Async")]
    public async Task An_asynchronous_request_is_answered_at_once_and_read_later(string prefer)
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });

        var accepted = await server.PostAsync("/predictions", new { id = "mine", input = Input() }, ("Prefer", prefer));
        Assert.Equal((202, "mine", "starting"), (accepted.Status, accepted.Text("id"), accepted.Text("status")));

        await server.UntilAsync("mine", "processing");
        server.Model.Step();
        await server.UntilAsync("mine", "succeeded");
        Assert.Single((await server.GetAsync("/predictions/mine")).Pictures);
    }

    [Fact]
    public async Task Progress_is_read_while_it_runs()
    {
        await using var server = await StartAsync(new DrawingModel { IsHeld = true });
        await server.StartAsync("slow");

        server.Model.Step(2);
        await EventuallyAsync(async () =>
            (await server.GetAsync("/predictions/slow")).Json.TryGetProperty("progress", out var progress)
            && progress.GetProperty("completed_steps").GetInt32() == 2
        );

        var progress = (await server.GetAsync("/predictions/slow")).Json.GetProperty("progress");
        Assert.Equal(4, progress.GetProperty("total_steps").GetInt32());
        Assert.Equal(50, progress.GetProperty("percent").GetInt32());
        Assert.Contains(
            " 50%|█████     | 2/4",
            (await server.GetAsync("/predictions/slow")).Text("logs"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_id_in_the_body_must_be_the_one_in_the_path()
    {
        await using var server = await StartAsync();

        var differs = await server.PutAsync("/predictions/one", new { id = "two", input = Input() });
        var agrees = await server.PutAsync("/predictions/one", new { id = "one", input = Input() });

        Assert.Equal(422, differs.Status);
        Assert.Equal("""["body","id"]""", differs.Json.GetProperty("detail")[0].GetProperty("loc").GetRawText());
        Assert.Equal((200, "one"), (agrees.Status, agrees.Text("id")));
    }

    [Fact]
    public async Task A_failed_run_is_an_answer_of_200_with_the_models_error()
    {
        await using var server = await StartAsync();
        server.Model.FailNext(new InvalidOperationException("CUDA error 700"));

        var answer = await server.PostAsync("/predictions", new { input = Input() });

        Assert.Equal((200, "failed", "CUDA error 700"), (answer.Status, answer.Text("status"), answer.Text("error")));
        Assert.False(answer.Has("output"));
        Assert.True(answer.Json.GetProperty("metrics").TryGetProperty("predict_time", out _));
    }

    [Fact]
    public async Task Flagged_pictures_are_dropped_and_none_left_is_a_failure()
    {
        await using var server = await StartAsync();

        var flagged = await server.PostAsync(
            "/predictions",
            new { input = Input(("prompt", "nude"), ("num_outputs", 2)) }
        );
        var unchecked_ = await server.PostAsync(
            "/predictions",
            new { input = Input(("prompt", "nude"), ("num_outputs", 2), ("disable_safety_checker", true)) }
        );

        Assert.Equal("failed", flagged.Text("status"));
        Assert.StartsWith("NSFW content detected", flagged.Text("error"), StringComparison.Ordinal);
        Assert.Equal(2, unchecked_.Pictures.Count);
    }

    [Fact]
    public async Task The_log_says_what_the_model_did_not_read_or_check()
    {
        await using var server = await StartAsync(
            new DrawingModel
            {
                TokensCut = 3,
                Model = new("drawing", "Knows colours only.", HasSafetyChecker: false, 8, 77, "0123"),
            }
        );

        var logs = (await server.PostAsync("/predictions", new { input = Input() })).Text("logs");

        Assert.Contains("Knows colours only.\n", logs, StringComparison.Ordinal);
        Assert.Contains("no safety checker", logs, StringComparison.Ordinal);
        Assert.Contains("77 tokens that the model reads: 3 were cut off", logs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_that_are_not_JSON_as_it_should_be_are_refused()
    {
        await using var server = await StartAsync();

        Assert.Equal(400, (await Send("{\"input\":")).Status);
        Assert.Equal(400, (await Send("{\"input\":{\"prompt\":\"a\",\"prompt\":\"b\"}}")).Status);
        Assert.Equal(422, (await Send("[]")).Status);
        Assert.Equal(415, (await Send("{\"input\":{\"prompt\":\"a\"}}", "text/plain")).Status);
        Assert.Equal(413, (await Send($$$"""{"input":{"prompt":"{{{new string('a', 1100000)}}}"}}""")).Status);
        Assert.Equal(422, (await server.PostAsync("/predictions")).Status);
        Assert.Empty(server.Model.Runs);

        Task<Answer> Send(string body, string type = "application/json")
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            return server.PostAsync("/predictions", content);
        }
    }

    [Fact]
    public async Task A_stream_of_events_is_not_acceptable()
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { input = Input() }, ("Accept", "text/event-stream"));

        Assert.Equal(406, answer.Status);
        Assert.Empty(server.Model.Runs);
    }

    [Fact]
    public async Task Before_the_model_is_loaded_nothing_is_taken_in()
    {
        var loader = new TestLoader { IsHeld = true };
        await using var server = await StartAsync(loader: loader);

        var early = await server.PostAsync("/predictions", new { input = Input() });
        loader.Release();
        await EventuallyAsync(async () => await server.HealthAsync() == "READY");
        var late = await server.PostAsync("/predictions", new { input = Input() });

        Assert.Equal((503, "failed"), (early.Status, early.Text("status")));
        Assert.Contains("not loaded", early.Text("error"), StringComparison.Ordinal);
        Assert.True(early.Headers.ContainsKey("Retry-After"));
        Assert.Equal(200, late.Status);
    }

    [Fact]
    public async Task Large_outputs_arrive_whole()
    {
        await using var server = await StartAsync(new DrawingModel { IsNoisy = true });

        var answer = await server.PostAsync(
            "/predictions",
            new { input = Input(("width", 1280), ("height", 1280), ("num_outputs", 4)) }
        );

        Assert.Equal(4, answer.Pictures.Count);
        Assert.All(answer.Pictures, png => Assert.Equal((1280, 1280), PngSize.Of(png)));
        Assert.All(answer.Pictures, png => Assert.True(png.Length > 4_000_000));
        Assert.Equal(JsonValueKind.Object, answer.Json.ValueKind);
    }

    [Fact]
    public async Task Prompts_are_not_logged()
    {
        await using var server = await StartAsync();
        server.Model.FailNext(new InvalidOperationException("broken"));

        await server.PostAsync("/predictions", new { input = Input(("prompt", "a secret garden"), ("unknown", 1)) });
        await server.PostAsync("/predictions", new { input = Input(("prompt", "a secret garden")) });

        Assert.NotEmpty(server.Logs.Lines);
        Assert.DoesNotContain(server.Logs.Lines, l => l.Contains("secret garden", StringComparison.Ordinal));
    }
}
