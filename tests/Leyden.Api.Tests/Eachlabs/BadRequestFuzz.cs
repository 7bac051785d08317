using System.Net;
using System.Text;
using CsCheck;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>Bodies that nobody thought of.</summary>
public sealed class BadRequestFuzz
{
    private const string UnknownField = "no_field_of_ours";
    private const int Documents = 400;

    // Documents as text, not as nodes: only text can hold what nodes refuse.
    private static readonly Gen<string> Piece = Gen.OneOf(
        "a",
        " ",
        "é",
        "🐈",
        "\\n",
        "\\u0000",
        "\\ud83d",
        "\\udc08",
        "\\ud83d\\udc08",
        "\\\"",
        "\\\\",
        "<script>",
        "{{7*7}}",
        "../",
        "%00",
        "'; drop table"
    );
    private static readonly Gen<string> Text = Piece.Array[0, 6].Select(pieces => $"\"{string.Concat(pieces)}\"");
    private static readonly Gen<string> Number = Gen.OneOf(
        "0",
        "-0",
        "-1",
        "1.5",
        "256",
        "1e400",
        "-1E-400",
        "4294967296",
        "123456789012345678901234567890123456789012345678901234567890"
    );
    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.OneOf("model", "version", "input", "backend", "webhook_url", "prompt", "width", "seed", "scheduler")
            .Select(name => $"\"{name}\""),
        Text
    );
    private static readonly Gen<string> Value = Gen.Recursive<string>(
        (depth, value) =>
            depth > 5
                ? Gen.OneOf(Text, Number, Gen.OneOf("null", "true", "false"))
                : Gen.Frequency(
                    (2, Text),
                    (1, Number),
                    (1, Gen.OneOf("null", "true", "false", "\"sdxl-lightning-4step\"", "\"omni-zero\"")),
                    (1, value.Array[0, 4].Select(items => $"[{string.Join(',', items)}]")),
                    (2, Members(value).Select(members => $"{{{members}}}"))
                )
    );
    private static readonly Gen<string> Document = Gen.Frequency(
        (1, Value.Where(text => text[0] != '{')),
        (4, Members(Value).Select(members => $"{{\"{UnknownField}\":1{(members.Length > 0 ? "," : "")}{members}}}"))
    );

    [Fact]
    public async Task No_document_that_must_be_refused_gets_through_or_breaks_anything()
    {
        await using var host = await ApiHost.StartAsync();
        var before = await host.TracesAsync();

        await Document.SampleAsync(
            async text =>
            {
                var answer = await SendAsync(host, Encoding.UTF8.GetBytes(text));

                Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{answer.Status} for {text}: {answer.Text}");
                Assert.NotEmpty(answer.Json["error"]!.GetValue<string>());
            },
            iter: Documents,
            threads: 2
        );

        Assert.Equal(before, await host.TracesAsync());
    }

    [Fact]
    public async Task A_body_that_was_damaged_on_its_way_is_a_create_or_an_error_of_the_caller()
    {
        await using var host = await ApiHost.StartAsync();
        var whole = Encoding.UTF8.GetBytes(ApiClient.Body("[[fault:create-forbidden]] cat").ToJsonString());
        var accepted = 0;

        await Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, 8])
            .SampleAsync(
                async damage =>
                {
                    var (at, value, cut) = damage;
                    byte[] body = [.. whole[..at], value, .. whole[Math.Min(at + cut, whole.Length)..]];

                    var answer = await SendAsync(host, body);

                    if (answer.Status == HttpStatusCode.OK)
                    {
                        Interlocked.Increment(ref accepted);
                        return;
                    }

                    Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{answer.Status}: {answer.Text}");
                    Assert.NotEmpty(answer.Json["error"]!.GetValue<string>());
                },
                iter: Documents,
                threads: 2
            );

        Assert.True(accepted < Documents, "Nothing was refused.");
    }

    private static Gen<string> Members(Gen<string> value) =>
        Gen.Select(Name, value)
            .Array[0, 5]
            .Select(members => string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}")));

    private static Task<Answer> SendAsync(ApiHost host, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return host.Alice.PostAsync("/v1/prediction", content);
    }
}
