using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class RunConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task A_run_answers_with_the_finished_prediction()
    {
        var prediction = (await Alice.RunAsync(Body.Of("a cat"))).Ok().Json;

        Assert.Equal("success", (string?)prediction["status"]);
        (await Nobody.GetAsync((string)prediction["output"]!)).Ok();
        var read = await Alice.ReadAsync((string)prediction["id"]!);
        Assert.Equal(read.Select(m => m.Key), prediction.Select(m => m.Key));
    }

    [Fact]
    public async Task A_run_that_fails_answers_with_the_failed_prediction()
    {
        _ = Emulator;

        var prediction = (await Alice.RunAsync(Body.Of("a cat [[fault:model-error]]"))).Ok().Json;

        Assert.Equal("error", (string?)prediction["status"]);
        Assert.Equal("backend_failed", (string?)prediction["error_code"]);
    }

    [Fact]
    public async Task A_run_that_is_repeated_with_its_key_answers_with_the_same_prediction()
    {
        var body = Body.Of("a cat");
        (string, string) key = ("Idempotency-Key", Body.Unique);
        var first = (await Alice.RunAsync(body, key)).Ok();

        var second = (await Alice.RunAsync(body, key)).Ok();

        Assert.Equal((string?)first.Json["id"], (string?)second.Json["id"]);
        Assert.True(second.IsReplayed);
    }

    [Fact]
    public async Task A_run_with_a_fault_is_refused_like_a_create() =>
        (await Alice.RunAsync(Body.Of("a cat", ("width", 3)))).Error(HttpStatusCode.BadRequest, "width");

    [Fact]
    public async Task A_caller_that_leaves_cancels_nothing()
    {
        (string, string) key = ("Idempotency-Key", Body.Unique);
        var body = Body.Of("a cat for later [[run-time:2000]]");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var request = Alice.Request(HttpMethod.Post, "v1/prediction/run", Caller.Text(body.ToJsonString()), key);
        var run = Caller.SendAsync(request, HttpCompletionOption.ResponseContentRead, leave.Token);
        var id = "";
        await Caller.EventuallyAsync(
            async () => (id = await FindAsync((string)body["input"]!["prompt"]!)) is not null,
            "the prediction in the list"
        );

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        var prediction = await Alice.UntilAsync(id!, "success");
        Assert.Null(prediction["cancel_requested_at"]);
    }

    private async Task<string?> FindAsync(string prompt) =>
        (string?)
            (await Alice.GetAsync("v1/predictions?limit=100")).Ok().Json["predictions"]!
                .AsArray()
                .FirstOrDefault(p => (string?)p!["input"]!["prompt"] == prompt)
                ?["id"];
}
