using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class WaitConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Longest = "170";

    [Theory]
    [InlineData($"?wait={Longest}", null)]
    [InlineData("", $"wait={Longest}")]
    [InlineData("", $"respond-async, wait={Longest}")]
    public async Task A_read_that_waits_answers_as_soon_as_the_prediction_has_ended(string query, string? preference)
    {
        var id = await Alice.AcceptedAsync(Body.Of("a cat [[run-time:1500]]"));
        var start = TimeProvider.System.GetTimestamp();

        var answer = await WaitAsync(Alice, id, query, preference);

        Assert.Equal("success", (string?)answer.Ok().Json["status"]);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 160);
    }

    [Theory]
    [InlineData("?wait=2", null, 2)]
    [InlineData("", "wait=2", 2)]
    [InlineData("?wait=2", $"wait={Longest}", 2)]
    [InlineData("?wait=0", $"wait={Longest}", 0)]
    public async Task When_the_time_is_over_it_answers_with_what_there_is(string query, string? preference, int seconds)
    {
        var id = await RunningAsync(Alice);
        var start = TimeProvider.System.GetTimestamp();

        var answer = await WaitAsync(Alice, id, query, preference);

        Assert.Equal("processing", (string?)answer.Ok().Json["status"]);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, seconds, 160);
    }

    [Fact]
    public async Task A_cancel_ends_the_wait()
    {
        var id = await RunningAsync(Alice);
        var waiting = WaitAsync(Alice, id, $"?wait={Longest}", null);

        (await Alice.CancelAsync(id)).Ok();

        Assert.Equal("cancelled", (string?)(await waiting).Ok().Json["status"]);
    }

    [Theory]
    [InlineData("?wait=-1", null, "wait")]
    [InlineData("?wait=1.5", null, "wait")]
    [InlineData("?wait=soon", null, "wait")]
    [InlineData("?wait=", null, "wait")]
    [InlineData("?wait=5s", null, "wait")]
    [InlineData("?wait=100000", null, "wait")]
    [InlineData("", "wait=soon", "Prefer")]
    public async Task Times_that_can_not_be_are_refused_by_name(string query, string? preference, string field)
    {
        var id = await Alice.AcceptedAsync(Body.Of("a cat"));

        (await WaitAsync(Alice, id, query, preference)).Error(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task Nobody_waits_for_what_is_not_theirs()
    {
        var id = await RunningAsync(Alice);

        (await WaitAsync(Bob, id, $"?wait={Longest}", null)).Error(HttpStatusCode.NotFound);
    }

    private static Task<Answer> WaitAsync(Caller caller, string id, string query, string? preference)
    {
        (string, string)[] headers = preference is null ? [] : [("Prefer", preference)];
        return caller.GetAsync($"v1/prediction/{id}{query}", headers);
    }
}
