using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

public abstract class DeadlineConformance<THost>(HostPool hosts, Scoreboard scoreboard)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private const string Header = "Cancel-After";

    [Fact]
    public async Task A_prediction_that_has_not_ended_by_its_deadline_fails_and_is_stopped()
    {
        _ = Emulator;
        var ended = await Alice.FailedAsync(Body.Of("a cat [[fault:never-finish]]"), (Header, "5s"));

        Assert.Equal("deadline_exceeded", (string?)ended["error_code"]);
        Assert.NotEmpty((string)ended["error"]!);
        var (created, deadline) = ((DateTimeOffset)ended["created_at"]!, (DateTimeOffset)ended["deadline"]!);
        Assert.Equal(TimeSpan.FromSeconds(5), deadline - created);
        Assert.True((DateTimeOffset)ended["completed_at"]! >= deadline, $"{ended}");
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("45s", 45)]
    [InlineData("1m30s", 90)]
    [InlineData("2h", 7200)]
    [InlineData("24h", 86_400)]
    public async Task The_forms_of_a_duration(string text, int seconds)
    {
        var prediction = await Alice.ReadAsync(await Alice.AcceptedAsync(Body.Of("a cat"), (Header, text)));

        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            (DateTimeOffset)prediction["deadline"]! - (DateTimeOffset)prediction["created_at"]!
        );
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("4s")]
    [InlineData("25h")]
    [InlineData("99999999999999999999s")]
    [InlineData("5 s")]
    public async Task What_is_no_duration_or_beyond_the_limits_is_refused_by_name(string text) =>
        (await Alice.CreateAsync(Body.Of("a cat"), (Header, text))).Error(HttpStatusCode.BadRequest, Header);
}
