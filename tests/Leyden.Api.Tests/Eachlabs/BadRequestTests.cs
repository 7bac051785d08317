using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>Requests with faults: always an error of the caller in the shape of the dialect, and nothing is left behind.</summary>
public sealed class BadRequestTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Sdxl = "\"model\":\"sdxl-lightning-4step\"";
    private readonly ApiHost _host = fixture.Host;

    public static TheoryData<string, string> NotJson =>
        new()
        {
            { "empty", "" },
            { "blank", "   " },
            { "cut short", "{\"model\":" },
            { "two documents", "{}{}" },
            { "comment", "{/* */}" },
            { "trailing comma", "{\"model\":\"x\",}" },
            { "single quotes", "{'model':'x'}" },
            { "NaN", "{\"input\":NaN}" },
            { "raw NUL", "{\"model\":\"a\0b\"}" },
            { "raw line break in a text", "{\"model\":\"a\nb\"}" },
            { "bad escape", "{\"model\":\"\\x\"}" },
            { "null", "null" },
            { "array", "[]" },
            { "text", "\"a cat\"" },
            { "number", "1" },
            { "true", "true" },
            { "array of bodies", "[{" + Sdxl + ",\"input\":{\"prompt\":\"a cat\"}}]" },
            { "doubled member", "{" + Sdxl + "," + Sdxl + ",\"input\":{\"prompt\":\"a cat\"}}" },
            { "doubled input", "{" + Sdxl + ",\"input\":{\"prompt\":\"a cat\",\"prompt\":\"a dog\"}}" },
            { "doubled by an escape", "{" + Sdxl + ",\"input\":{\"prompt\":\"a cat\",\"\\u0070rompt\":\"a dog\"}}" },
            { "10,000 arrays", "{" + Sdxl + ",\"input\":" + new string('[', 10_000) + new string(']', 10_000) + "}" },
            { "10,000 objects", string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000) },
            { "10,000 arrays left open", new string('[', 10_000) },
            { "33 levels in another model", "{\"model\":\"omni-zero\",\"input\":" + Nested(33) + "}" },
        };

    public static TheoryData<string, string, string[]> Faulty =>
        new()
        {
            { "nothing", "{}", ["model", "input"] },
            { "no input", "{" + Sdxl + "}", ["input", "prompt"] },
            { "null input", "{" + Sdxl + ",\"input\":null}", ["input", "prompt"] },
            { "array input", "{" + Sdxl + ",\"input\":[]}", ["input", "prompt"] },
            { "text input", "{" + Sdxl + ",\"input\":\"a cat\"}", ["input", "prompt"] },
            { "number model", "{\"model\":1,\"input\":{\"prompt\":\"a cat\"}}", ["model"] },
            { "object model", "{\"model\":{},\"input\":{\"prompt\":\"a cat\"}}", ["model"] },
            { "null model", "{\"model\":null,\"input\":{\"prompt\":\"a cat\"}}", ["model"] },
            { "model with a slash", "{\"model\":\"../etc\",\"input\":{}}", ["model"] },
            { "model in capitals", "{\"model\":\"SDXL\",\"input\":{}}", ["model"] },
            { "long model", "{\"model\":\"" + new string('m', 5000) + "\",\"input\":{}}", ["model"] },
            { "number version", Body("{\"prompt\":\"a cat\"}", ",\"version\":1"), ["version"] },
            {
                "long version",
                Body("{\"prompt\":\"a cat\"}", ",\"version\":\"" + new string('v', 201) + "\""),
                ["version"]
            },
            { "unknown backend", Body("{\"prompt\":\"a cat\"}", ",\"backend\":\"moon\""), ["backend"] },
            {
                "private webhook",
                Body("{\"prompt\":\"a cat\"}", ",\"webhook_url\":\"https://10.0.0.1/\""),
                ["webhook_url"]
            },
            { "number as webhook", Body("{\"prompt\":\"a cat\"}", ",\"webhook_url\":1"), ["webhook_url"] },
            {
                "unknown word in the filter",
                Body(
                    "{\"prompt\":\"a cat\"}",
                    ",\"webhook_url\":\"https://hooks.leyden.dev/\",\"webhook_events_filter\":[\"output\"]"
                ),
                ["webhook_events_filter"]
            },
            {
                "broken webhook secret",
                Body(
                    "{\"prompt\":\"a cat\"}",
                    ",\"webhook_url\":\"https://hooks.leyden.dev/\",\"webhook_secret\":\"whsec_short\""
                ),
                ["webhook_secret"]
            },
            { "unknown member", Body("{\"prompt\":\"a cat\"}", ",\"inputs\":{}"), ["inputs"] },
            { "no prompt", Body("{}"), ["prompt"] },
            { "blank prompt", Body("{\"prompt\":\" \\t\"}"), ["prompt"] },
            { "null prompt", Body("{\"prompt\":null}"), ["prompt"] },
            { "number prompt", Body("{\"prompt\":1}"), ["prompt"] },
            { "long prompt", Body("{\"prompt\":\"" + new string('p', 10_001) + "\"}"), ["prompt"] },
            { "unknown input", Body("{\"prompt\":\"a cat\",\"widht\":256}"), ["widht"] },
            { "other letter case", Body("{\"prompt\":\"a cat\",\"Width\":256}"), ["Width"] },
            {
                "everything at once",
                Body(
                    "{\"prompt\":\"\",\"width\":100,\"height\":\"1281\",\"num_outputs\":0,\"scheduler\":\"X\",\"num_inference_steps\":11,"
                        + "\"guidance_scale\":-1,\"seed\":4294967296,\"disable_safety_checker\":\"maybe\",\"negative_prompt\":[]}",
                    ",\"version\":{},\"backend\":\"moon\",\"webhook_secret\":\"s\",\"x\":1"
                ),
                [
                    "prompt",
                    "width",
                    "height",
                    "num_outputs",
                    "scheduler",
                    "num_inference_steps",
                    "guidance_scale",
                    "seed",
                    "disable_safety_checker",
                    "negative_prompt",
                    "version",
                    "backend",
                    "webhook_secret",
                    "x",
                ]
            },
            {
                "huge numbers",
                Body("{\"prompt\":\"a cat\",\"width\":1e400,\"seed\":" + new string('9', 5000) + "}"),
                ["width", "seed"]
            },
            { "tiny number", Body("{\"prompt\":\"a cat\",\"width\":1e-400}"), ["width"] },
            {
                "broken numbers",
                Body("{\"prompt\":\"a cat\",\"width\":256.5,\"seed\":-1,\"height\":\"NaN\"}"),
                ["width", "seed", "height"]
            },
            { "large input of another model", Other("\"" + new string('x', 65_536) + "\""), ["input"] },
            { "half a surrogate pair in the prompt", Body("{\"prompt\":\"\\ud83d\"}"), ["input.prompt"] },
            { "the other half", Body("{\"prompt\":\"\\udc08 cat\"}"), ["input.prompt"] },
            { "half a pair in the model", "{\"model\":\"\\ud83d\",\"input\":{}}", ["model"] },
            { "half a pair in the version", Body("{\"prompt\":\"a cat\"}", ",\"version\":\"\\ud83d\""), ["version"] },
            { "half a pair in another model's input", Other("[[\"\\ud83d\"]]"), ["input.image[0][0]"] },
            { "NUL in the prompt", Body("{\"prompt\":\"a\\u0000cat\"}"), ["input.prompt"] },
            { "NUL in another model's input", Other("{\"deep\":\"\\u0000\"}"), ["input.image.deep"] },
        };

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task A_body_that_is_no_json_object_is_refused(string name, string body)
    {
        Assert.NotEmpty(name);
        await RefusedAsync(body, HttpStatusCode.BadRequest);
    }

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task A_body_with_faults_is_refused_with_every_one_by_name(string name, string body, string[] fields)
    {
        Assert.NotEmpty(name);
        await RefusedAsync(body, HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task A_message_says_which_value_what_is_allowed_and_what_was_perhaps_meant()
    {
        var answer = await _host.Alice.CreateAsync(ApiClient.Body("a cat", ("width", 100), ("hieght", 256)));

        Assert.Equal(
            "width is 100; it must be a multiple of 8 from 256 to 1280. hieght is not known here; did you mean height?",
            answer.Error(HttpStatusCode.BadRequest, "width", "hieght")
        );
    }

    [Fact]
    public async Task Faults_of_headers_are_told_together_with_those_of_the_body()
    {
        var answer = await _host.Alice.CreateAsync(
            ApiClient.Body("a cat", ("width", 100)),
            ("Cancel-After", "1s"),
            ("Idempotency-Key", new string('k', 256))
        );

        answer.Error(HttpStatusCode.BadRequest, "width", "Cancel-After", "Idempotency-Key");
    }

    [Fact]
    public async Task A_name_of_half_a_surrogate_pair_is_refused()
    {
        await RefusedAsync(Body("{\"prompt\":\"a cat\",\"\\ud83d\":1}"), HttpStatusCode.BadRequest, null);
        await RefusedAsync("{\"\\ud83d\":1,\"\\ud83d\":2}", HttpStatusCode.BadRequest, null);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF8, 0x88, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    public async Task Broken_utf_8_is_refused(byte[] broken)
    {
        byte[] body = [.. "{\"model\":\"omni-zero\",\"input\":{\"a\":\""u8, .. broken, .. "\"}}"u8];
        await RefusedAsync(body, "application/json", HttpStatusCode.BadRequest, ["input.a"]);
        await RefusedAsync(broken, "application/json", HttpStatusCode.BadRequest, []);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("rubbish")]
    public async Task A_body_that_does_not_call_itself_json_is_415(string contentType) =>
        await RefusedAsync(
            Encoding.UTF8.GetBytes(Body("{\"prompt\":\"a cat\"}")),
            contentType,
            HttpStatusCode.UnsupportedMediaType,
            []
        );

    [Fact]
    public async Task A_body_in_utf_16_is_refused() =>
        await RefusedAsync(
            Encoding.Unicode.GetBytes(Body("{\"prompt\":\"a cat\"}")),
            "application/json; charset=utf-16",
            HttpStatusCode.BadRequest,
            []
        );

    [Theory]
    [InlineData(true, 10 * 1024 * 1024)]
    [InlineData(false, 10 * 1024 * 1024)]
    [InlineData(true, (256 * 1024) + 1)]
    [InlineData(false, (256 * 1024) + 1)]
    public async Task A_large_body_is_413_whether_or_not_its_length_is_told(bool withLength, int length)
    {
        var before = await _host.TracesAsync();
        foreach (var path in new[] { "/v1/prediction", "/v1/prediction/run" })
        {
            using var body = new ByteArrayContent(Padded(length));
            body.Headers.ContentType = new("application/json");
            using var request = _host.Alice.Request(HttpMethod.Post, path, body);
            request.Headers.TransferEncodingChunked = !withLength;

            using var answer = await _host.Alice.SendAsync(request);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Contains("256 kB", json!["error"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.Equal(before, await _host.TracesAsync());
    }

    [Fact]
    public async Task A_large_body_without_a_key_is_401_all_the_same()
    {
        using var body = new ByteArrayContent(Padded(1024 * 1024));
        (await _host.Nobody.PostAsync("/v1/prediction", body)).Error(HttpStatusCode.Unauthorized, "X-API-Key");
    }

    private Task RefusedAsync(string body, HttpStatusCode status, params string[]? fields) =>
        RefusedAsync(Encoding.UTF8.GetBytes(body), "application/json", status, fields);

    // Without an array of fields any may be named.
    private async Task RefusedAsync(byte[] body, string contentType, HttpStatusCode status, string[]? fields)
    {
        var before = await _host.TracesAsync();
        foreach (var path in new[] { "/v1/prediction", "/v1/prediction/run" })
        {
            var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);

            var answer = await _host.Alice.PostAsync(path, content, ("Idempotency-Key", "a refused request"));

            Assert.InRange(answer.Text.Length, 1, 8192); // never the whole of what was sent
            answer.Error(
                status,
                fields ?? [.. (answer.Json["errors"]?.AsArray() ?? []).Select(e => e!["field"]!.GetValue<string>())]
            );
        }

        Assert.Equal(before, await _host.TracesAsync());
    }

    private static string Body(string input, string more = "") => "{" + Sdxl + ",\"input\":" + input + more + "}";

    private static string Other(string image) => "{\"model\":\"omni-zero\",\"input\":{\"image\":" + image + "}}";

    private static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    private static byte[] Padded(int length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(Body("{\"prompt\":\"a cat\"}")).CopyTo(body, 0);
        return body;
    }
}
