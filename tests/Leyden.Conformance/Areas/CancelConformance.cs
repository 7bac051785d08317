using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class CancelConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task A_running_prediction_is_stopped_and_stays_so()
    {
        var id = await RunningAsync(Alice);
        var before = (int)(await Emulator.CountersAsync())["cancels"]!;

        var answer = (await Alice.CancelAsync(id)).Ok();

        Assert.Equal(["status", "message", "predictionID"], answer.Json.Select(m => m.Key));
        Assert.Equal("cancelled", (string?)answer.Json["status"]);
        Assert.Equal(id, answer.Id);
        var ended = await Alice.UntilAsync(id, "cancelled");
        Assert.Null(ended["output"]);
        Assert.NotNull(ended["completed_at"]);
        Assert.True((int)(await Emulator.CountersAsync())["cancels"]! > before, "The backend was not told.");
        Assert.Equal(id, (await Alice.CancelAsync(id)).Ok().Id); // again: it is canceled already
    }

    [Fact]
    public async Task A_prediction_that_is_canceled_before_it_runs_is_canceled()
    {
        _ = Emulator;
        var id = await Alice.AcceptedAsync(Body.Of("a cat [[run-time:60000]]"));

        (await Alice.CancelAsync(id)).Ok();

        var ended = await Alice.EndAsync(id);
        Assert.Equal("cancelled", (string?)ended["status"]);
    }

    [Fact]
    public async Task Many_cancels_at_once_are_one()
    {
        var id = await RunningAsync(Alice);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Alice.CancelAsync(id)));

        Assert.All(answers, answer => Assert.Equal(id, answer.Ok().Id));
        await Alice.UntilAsync(id, "cancelled");
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_is_a_conflict_and_changes_nothing()
    {
        var id = (string)(await Alice.SucceededAsync(Body.Of("a cat")))["id"]!;

        var message = (await Alice.CancelAsync(id)).Error(HttpStatusCode.Conflict);

        Assert.Contains("(success)", message, StringComparison.Ordinal);
        Assert.Equal("success", (string?)(await Alice.ReadAsync(id))["status"]);
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("nothing-like-an-id")]
    public async Task What_was_never_there_is_404(string id) =>
        (await Alice.CancelAsync(id)).Error(HttpStatusCode.NotFound);
}
