using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Tests.Net;

namespace Leyden.Tests.Backends.Eachlabs;

/// <summary>Below the level of HTTP: what a create means when the connection itself misbehaves.</summary>
public sealed class EachlabsMisbehaviourTests
{
    private const string Accepted = """{"status":"success","message":"Prediction created","predictionID":"p-1"}""";

    public static TheoryData<string> Misbehaviours =>
        ["reset", "close", "reset in the head", "close in the head", "close in the body", "no HTTP", "silence", "drip"];

    [Theory]
    [MemberData(nameof(Misbehaviours))]
    public async Task A_create_is_unknown_and_sent_once(string misbehaviour)
    {
        await using var server = new RawServer(exchange => MisbehaveAsync(exchange, misbehaviour));
        await using var driver = new EachlabsDriver(server.BaseUrl, ("CreateTimeout", "00:00:02"));

        var outcome = await SubmitAsync(driver);

        Assert.Equal(FailureCodes.SubmissionUnknown, Assert.IsType<SubmitOutcome.Unknown>(outcome).Failure.Code);
        Assert.Equal(1, server.Requests);
    }

    // The handler below us repeats requests that fail on a connection which idled: it must not do so once the body is out.
    [Theory]
    [InlineData("reset")]
    [InlineData("close")]
    public async Task A_create_on_a_connection_that_was_used_before_is_sent_once_too(string misbehaviour)
    {
        await using var server = new RawServer(exchange =>
            exchange.Number == 1 ? exchange.AnswerAsync(200, Accepted) : MisbehaveAsync(exchange, misbehaviour)
        );
        await using var driver = new EachlabsDriver(server.BaseUrl);
        await driver.AcceptAsync(EachlabsDriver.Request("first"));

        var outcome = await SubmitAsync(driver);

        Assert.IsType<SubmitOutcome.Unknown>(outcome);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_caller_who_stops_waiting_gets_the_cancellation()
    {
        await using var server = new RawServer(exchange => MisbehaveAsync(exchange, "silence"));
        await using var driver = new EachlabsDriver(server.BaseUrl);
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            driver.Backend.SubmitAsync(EachlabsDriver.Request("a test"), impatience.Token)
        );
    }

    [Theory]
    [InlineData("""{"status":"success","predictionID":"p-1"}""", "p-1")]
    [InlineData("""{"status":"processing","predictionID":"0b3cc3a8-8d68-4ea5-9a6f"}""", "0b3cc3a8-8d68-4ea5-9a6f")]
    public async Task An_id_means_accepted(string body, string id)
    {
        await using var server = RawServer.Answering(200, body);
        await using var driver = new EachlabsDriver(server.BaseUrl);

        Assert.Equal(new SubmitOutcome.Accepted(id), await SubmitAsync(driver));
    }

    [Theory]
    [InlineData("""{"status":"success","predictionID":""}""")]
    [InlineData("""{"status":"success","predictionID":null}""")]
    [InlineData("""{"status":"success","predictionID":7}""")]
    [InlineData("""{"status":"success","predictionID":"../../other"}""")]
    [InlineData("""{"status":"error","message":"something went wrong"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"success\"")]
    [InlineData("")]
    [InlineData("<html></html>")]
    public async Task An_answer_without_a_usable_id_is_unknown(string body)
    {
        await using var server = RawServer.Answering(200, body);
        await using var driver = new EachlabsDriver(server.BaseUrl);

        Assert.IsType<SubmitOutcome.Unknown>(await SubmitAsync(driver));
    }

    [Theory]
    [InlineData(301, FailureCodes.BackendRejected)]
    [InlineData(307, FailureCodes.BackendRejected)]
    [InlineData(405, FailureCodes.BackendRejected)]
    [InlineData(413, FailureCodes.InvalidInput)]
    public async Task Other_refusals_are_rejections(int status, string code)
    {
        await using var server = RawServer.Answering(status, "", "Location: /elsewhere");
        await using var driver = new EachlabsDriver(server.BaseUrl);

        Assert.Equal(code, Assert.IsType<SubmitOutcome.Rejected>(await SubmitAsync(driver)).Failure.Code);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(599)]
    public async Task Answers_of_a_server_in_trouble_are_unknown(int status)
    {
        await using var server = RawServer.Answering(status, """{"error":"trouble"}""", "Retry-After: 1");
        await using var driver = new EachlabsDriver(server.BaseUrl);

        Assert.Equal("trouble", Assert.IsType<SubmitOutcome.Unknown>(await SubmitAsync(driver)).Failure.Detail);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("99999999", 3600)]
    [InlineData("Thu, 01 Jan 2015 00:00:00 GMT", 0)]
    [InlineData("soon", null)]
    public async Task The_wait_of_a_limit_is_bounded(string retryAfter, int? seconds)
    {
        var body = """{"status":429,"error":"Too many requests","details":"slow down"}""";
        await using var server = RawServer.Answering(429, body, $"Retry-After: {retryAfter}");
        await using var driver = new EachlabsDriver(server.BaseUrl);

        var throttled = Assert.IsType<SubmitOutcome.Throttled>(await SubmitAsync(driver));

        Assert.Equal(seconds, (int?)throttled.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task The_backends_words_come_without_the_key()
    {
        var body =
            $$"""{"error":"the key {{EachlabsDriver.Key}} may not","details":"see https://a.example/x?sig=abc"}""";
        await using var server = RawServer.Answering(403, body);
        await using var driver = new EachlabsDriver(server.BaseUrl);

        var failure = Assert.IsType<SubmitOutcome.Rejected>(await SubmitAsync(driver)).Failure;

        Assert.Equal("the key [removed] may not: see https://a.example/x?[removed]", failure.Detail);
    }

    private static async Task MisbehaveAsync(RawExchange exchange, string misbehaviour)
    {
        switch (misbehaviour)
        {
            case "reset":
                exchange.Reset();
                break;
            case "close":
                exchange.Close();
                break;
            case "reset in the head":
                await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Le");
                exchange.Reset();
                break;
            case "close in the head":
                await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Le");
                exchange.Close();
                break;
            case "close in the body":
                await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Accepted.Length + 9}\r\n\r\n{Accepted}");
                exchange.Close();
                break;
            case "no HTTP":
                await exchange.SendAsync("220 mail.example ESMTP ready\r\n");
                exchange.Close();
                break;
            case "silence":
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, exchange.Stop);
                break;
            case "drip":
                await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                while (true)
                {
                    await exchange.SendAsync(" ");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, exchange.Stop);
                }
        }
    }

    private static Task<SubmitOutcome> SubmitAsync(EachlabsDriver driver) =>
        driver.Backend.SubmitAsync(EachlabsDriver.Request("a test"), TestContext.Current.CancellationToken);
}
