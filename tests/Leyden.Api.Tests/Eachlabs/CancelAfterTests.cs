using System.Net;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class CancelAfterTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Header = "Cancel-After";
    private readonly ApiHost _host = fixture.Host;

    [Theory]
    [InlineData("45s", 45)]
    [InlineData("45", 45)]
    [InlineData("1m30s", 90)]
    [InlineData("2m", 120)]
    [InlineData("2h", 7200)]
    [InlineData("1h1m1s", 3661)]
    [InlineData("5s", 5)]
    [InlineData("24h", 86400)]
    [InlineData("1d", 86400)]
    public async Task The_deadline_is_as_long_after_the_acceptance_as_asked(string value, int seconds)
    {
        var prediction = await _host.Alice.ReadAsync(
            await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"), (Header, value))
        );

        Assert.Equal(TimeSpan.FromSeconds(seconds), Allowed(prediction));
    }

    [Fact]
    public async Task Without_the_header_it_is_the_default()
    {
        var prediction = await _host.Alice.ReadAsync(await _host.Alice.AcceptedAsync(ApiClient.Body("a cat")));

        Assert.Equal(TimeSpan.FromMinutes(10), Allowed(prediction));
    }

    [Theory]
    [InlineData("4s")]
    [InlineData("0")]
    [InlineData("25h")]
    [InlineData("9999h")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("1.5m")]
    [InlineData("1m 30s")]
    [InlineData("30s1m")]
    [InlineData("2d")]
    [InlineData("99999999s")]
    [InlineData("10s, 20s")]
    [InlineData("\u0663\u0660s")] // Arabic-Indic digits
    public async Task What_is_no_duration_in_bounds_is_refused_by_name(string value)
    {
        var answer = await _host.Alice.CreateAsync(ApiClient.Body("a cat"), (Header, value));

        Assert.StartsWith(Header, answer.Error(HttpStatusCode.BadRequest, Header), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prediction_that_has_not_finished_by_then_fails_and_is_stopped()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"), (Header, "5s"));

        var prediction = await _host.Alice.UntilAsync(id, "success", "error", "cancelled");

        Assert.Equal("error", ApiClient.StatusOf(prediction));
        Assert.Equal("deadline_exceeded", prediction["error_code"]!.GetValue<string>());
        Assert.True(prediction["error_retryable"]!.GetValue<bool>()); // the backend confirmed that it has stopped
        Assert.Equal(1, _host.Emulator.Counts.Cancels);
    }

    private static TimeSpan Allowed(JsonObject prediction) =>
        prediction["deadline"]!.GetValue<DateTimeOffset>() - prediction["created_at"]!.GetValue<DateTimeOffset>();
}
