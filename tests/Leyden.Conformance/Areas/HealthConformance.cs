using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class HealthConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task It_is_alive_whoever_asks() =>
        Assert.Equal("ok", (string?)(await Nobody.GetAsync("healthz")).Ok().Json["status"]);

    [Fact]
    public async Task It_is_ready_whoever_asks()
    {
        var answer = (await Nobody.GetAsync("readyz")).Ok().Json;

        Assert.All(["status", "storage", "engine"], part => Assert.Equal("ok", (string?)answer[part]));
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("readyz")]
    public async Task Load_balancers_may_ask_by_head(string path) =>
        Assert.Empty((await Nobody.HeadAsync(path)).Ok().Bytes);
}
