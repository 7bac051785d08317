using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>What a caller is told when the backend fails, and what is repeated for it without being billed twice.</summary>
public abstract class FailureConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Theory]
    [InlineData("model-error", "backend_failed", false)]
    [InlineData("model-failed", "backend_failed", false)]
    [InlineData("nsfw", "nsfw", false)]
    [InlineData("create-bad-request", "invalid_input", false)]
    [InlineData("create-unprocessable", "invalid_input", false)]
    [InlineData("create-unauthorized", "backend_rejected", false)]
    [InlineData("create-payment-required", "backend_rejected", false)]
    [InlineData("create-forbidden", "backend_rejected", false)]
    [InlineData("create-not-found", "backend_rejected", false)]
    [InlineData("drop-after", "submission_unknown", false)]
    [InlineData("create-bad-gateway", "submission_unknown", false)]
    [InlineData("create-without-id", "submission_unknown", false)]
    [InlineData("output-none", "output_unavailable", false)]
    [InlineData("output-html", "output_unavailable", false)]
    [InlineData("output-private-address", "output_unavailable", false)]
    [InlineData("output-file", "output_unavailable", false)]
    public async Task A_failure_has_a_stable_code_a_text_and_says_whether_to_repeat(
        string fault,
        string code,
        bool retryable
    )
    {
        var emulator = Emulator;
        var body = Body.Of($"a cat [[fault:{fault}]]");

        var failed = await Alice.FailedAsync(body);

        Assert.Equal(code, (string?)failed["error_code"]);
        Assert.Equal(retryable, (bool?)failed["error_retryable"]);
        Assert.NotEmpty((string)failed["error"]!);
        Assert.Equal((string?)failed["error"], (string?)failed["error_message"]);
        Assert.Null(failed["output"]);
        Assert.InRange(await emulator.BilledAsync((string)body["input"]!["prompt"]!), 0, 1);
    }

    [Theory]
    [InlineData("create-throttled*2")]
    [InlineData("get-server-error*2")]
    [InlineData("get-throttled*2")]
    [InlineData("get-dropped*1")]
    [InlineData("get-malformed*1")]
    [InlineData("unknown-status")]
    [InlineData("output-data")]
    public async Task What_passes_is_waited_out_and_billed_once(string fault)
    {
        var emulator = Emulator;
        var body = Body.Of($"a cat [[fault:{fault}]]");

        var prediction = await Alice.SucceededAsync(body);

        (await Nobody.GetAsync((string)prediction["output"]!)).Ok();
        Assert.Equal(1, await emulator.BilledAsync((string)body["input"]!["prompt"]!));
    }

    [Fact]
    public async Task When_the_checker_drops_one_of_two_pictures_the_other_comes_with_a_note()
    {
        _ = Emulator;

        var prediction = await Alice.SucceededAsync(Body.Of("a cat [[fault:nsfw-last]]", ("num_outputs", 2)));

        Assert.NotEmpty((string)prediction["output"]!);
        Assert.NotEmpty(prediction["notes"]!.AsArray());
    }
}
