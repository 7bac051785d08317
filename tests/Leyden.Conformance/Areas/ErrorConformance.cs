using System.Net.Http.Headers;
using System.Text;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>Requests with faults: always an error of the caller in the shape of the dialect, with every fault by name.</summary>
public abstract class ErrorConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Sdxl = $"\"model\":\"{Body.Model}\"";

    [Theory]
    [InlineData("empty", "")]
    [InlineData("cut short", "{\"model\":")]
    [InlineData("two documents", "{}{}")]
    [InlineData("single quotes", "{'model':'x'}")]
    [InlineData("null", "null")]
    [InlineData("array", "[]")]
    [InlineData("text", "\"a cat\"")]
    [InlineData("doubled member", "{" + Sdxl + "," + Sdxl + ",\"input\":{\"prompt\":\"a cat\"}}")]
    [InlineData("doubled input", "{" + Sdxl + ",\"input\":{\"prompt\":\"a cat\",\"prompt\":\"a dog\"}}")]
    public async Task A_body_that_is_no_json_object_is_refused(string name, string body)
    {
        Assert.NotEmpty(name);
        foreach (var path in new[] { "v1/prediction", "v1/prediction/run" })
        {
            (await Alice.PostAsync(path, Caller.Text(body))).Error(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task A_body_of_ten_thousand_levels_is_refused()
    {
        var body = $$"""{{{Sdxl}},"input":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";

        var answer = await Alice.PostAsync("v1/prediction", Caller.Text(body));

        answer.Error(HttpStatusCode.BadRequest);
        Assert.InRange(answer.Bytes.Length, 1, 8192); // never the whole of what was sent
    }

    [Theory]
    [InlineData("nothing", "{}", "model input")]
    [InlineData("no input", "{" + Sdxl + "}", "input prompt")]
    [InlineData("array input", "{" + Sdxl + ",\"input\":[]}", "input prompt")]
    [InlineData("no model", "{\"input\":{\"prompt\":\"a cat\"}}", "model")]
    [InlineData("number model", "{\"model\":1,\"input\":{\"prompt\":\"a cat\"}}", "model")]
    [InlineData("model with a slash", "{\"model\":\"../etc\",\"input\":{}}", "model")]
    [InlineData("number version", "{" + Sdxl + ",\"version\":1,\"input\":{\"prompt\":\"a cat\"}}", "version")]
    [InlineData("unknown backend", "{" + Sdxl + ",\"backend\":\"moon\",\"input\":{\"prompt\":\"a cat\"}}", "backend")]
    [InlineData("unknown member", "{" + Sdxl + ",\"inputs\":{},\"input\":{\"prompt\":\"a cat\"}}", "inputs")]
    [InlineData("half a surrogate pair", "{" + Sdxl + ",\"input\":{\"prompt\":\"\\ud83d\"}}", "input.prompt")]
    [InlineData("NUL", "{" + Sdxl + ",\"input\":{\"prompt\":\"a\\u0000cat\"}}", "input.prompt")]
    public async Task A_body_with_faults_is_refused_with_every_one_by_name(string name, string body, string fields)
    {
        Assert.NotEmpty(name);
        foreach (var path in new[] { "v1/prediction", "v1/prediction/run" })
        {
            (await Alice.PostAsync(path, Caller.Text(body))).Error(HttpStatusCode.BadRequest, fields.Split(' '));
        }
    }

    [Theory]
    [InlineData("prompt", "\" \\t\"")]
    [InlineData("prompt", "1")]
    [InlineData("negative_prompt", "[]")]
    [InlineData("width", "255")]
    [InlineData("width", "1288")]
    [InlineData("width", "260")]
    [InlineData("width", "256.5")]
    [InlineData("width", "1e400")]
    [InlineData("height", "\"NaN\"")]
    [InlineData("height", "\"1281\"")]
    [InlineData("num_outputs", "0")]
    [InlineData("num_outputs", "5")]
    [InlineData("scheduler", "\"k_euler\"")]
    [InlineData("num_inference_steps", "11")]
    [InlineData("guidance_scale", "50.1")]
    [InlineData("guidance_scale", "-1")]
    [InlineData("seed", "-1")]
    [InlineData("seed", "4294967296")]
    [InlineData("disable_safety_checker", "\"maybe\"")]
    [InlineData("Width", "256")]
    [InlineData("hieght", "256")]
    public async Task An_input_beyond_what_the_model_takes_is_refused_by_name(string field, string value)
    {
        var body = Body.Of("a cat", (field, JsonNode.Parse(value)));

        (await Alice.CreateAsync(body)).Error(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task A_message_says_which_value_what_is_allowed_and_what_was_perhaps_meant()
    {
        var answer = await Alice.CreateAsync(Body.Of("a cat", ("width", 100), ("hieght", 256)));

        Assert.Equal(
            "width is 100; it must be a multiple of 8 from 256 to 1280. hieght is not known here; did you mean height?",
            answer.Error(HttpStatusCode.BadRequest, "width", "hieght")
        );
    }

    [Fact]
    public async Task Faults_of_headers_are_told_together_with_those_of_the_body() =>
        (
            await Alice.CreateAsync(
                Body.Of("a cat", ("width", 100), ("seed", -1)),
                ("Cancel-After", "1s"),
                ("Idempotency-Key", new string('k', 256))
            )
        ).Error(HttpStatusCode.BadRequest, "width", "seed", "Cancel-After", "Idempotency-Key");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("rubbish")]
    public async Task A_body_that_does_not_call_itself_json_is_415(string contentType)
    {
        var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Body.Of("a cat").ToJsonString()));
        body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await Alice.PostAsync("v1/prediction", body)).Error(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData(true, (256 * 1024) + 1)]
    [InlineData(false, (256 * 1024) + 1)]
    [InlineData(true, 10 << 20)]
    [InlineData(false, 10 << 20)]
    public async Task A_large_body_is_413_whether_or_not_its_length_is_told(bool withLength, int length)
    {
        using var body = new ByteArrayContent(Padded(length));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = Alice.Request(HttpMethod.Post, "v1/prediction", body);
        request.Headers.TransferEncodingChunked = !withLength;

        using var answer = await Caller.SendAsync(request, HttpCompletionOption.ResponseContentRead);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop));
        Assert.NotEmpty((string)json!["error"]!);
    }

    [Fact]
    public async Task The_largest_body_is_taken()
    {
        using var body = new ByteArrayContent(Padded(256 * 1024));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        (await Alice.PostAsync("v1/prediction", body)).Ok();
    }

    [Theory]
    [InlineData("GET", "v1")]
    [InlineData("GET", "v1/nothing/here")]
    [InlineData("POST", "v2/prediction")]
    [InlineData("PUT", "v1/prediction")]
    [InlineData("PATCH", "v1/predictions")]
    [InlineData("DELETE", "v1/predictions")]
    public async Task An_address_or_method_that_is_not_served_is_an_error_of_the_caller(string method, string path)
    {
        var answer = await Alice.SendAsync(new HttpMethod(method), path);

        if (Differs(HostDifferences.EmptyNotFound) && answer.Bytes.Length == 0)
        {
            answer.Is(HttpStatusCode.NotFound);
        }
        else
        {
            Assert.Contains(answer.Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed });
            answer.Error(answer.Status);
        }
    }

    private static byte[] Padded(int length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(Body.Of("a cat").ToJsonString()).CopyTo(body, 0);
        return body;
    }
}
