using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Emulators.Eachlabs;
using Leyden.Predictions;

namespace Leyden.Tests.Backends.Eachlabs;

public sealed class EachlabsSubmitTests
{
    [Fact]
    public async Task A_prediction_is_accepted_with_strings_for_numbers_and_billed_once()
    {
        await using var emulator = await StartAsync(new() { ApiKey = EachlabsDriver.Key, StringsOnly = true });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var id = await driver.AcceptAsync(EachlabsDriver.Request("a test"));

        Assert.NotEmpty(id);
        Assert.Equal(1, emulator.Counts.BilledByPrompt["a test"]);
        Assert.Equal(1, emulator.Counts.CreatesReceived);
    }

    [Fact]
    public async Task The_key_goes_as_a_bearer_token_when_configured_so()
    {
        await using var emulator = await StartAsync(new() { ApiKey = EachlabsDriver.Key });
        await using var driver = new EachlabsDriver(emulator.BaseUrl, ("KeyHeader", "Authorization"));

        await driver.AcceptAsync(EachlabsDriver.Request("a test"));

        Assert.Equal(0, emulator.Counts.Unauthorized);
    }

    [Fact]
    public async Task A_wrong_key_is_a_rejection_that_names_the_setting()
    {
        await using var emulator = await StartAsync(new() { ApiKey = "another" });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var failure = await RejectedAsync(driver, EachlabsDriver.Request("a test"));

        Assert.Equal(FailureCodes.BackendRejected, failure.Code);
        Assert.Contains("Leyden:Eachlabs:ApiKey", failure.Message, StringComparison.Ordinal);
        Assert.Equal("Invalid or missing API key", failure.Detail);
        Assert.Equal(0, emulator.Counts.CreatesBilled);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sent()
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl, ("ApiKey", " "));

        var failure = await RejectedAsync(driver, EachlabsDriver.Request("a test"));

        Assert.Contains("EACHLABS_API_KEY", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, emulator.Counts.CreatesReceived + emulator.Counts.Unauthorized);
    }

    [Theory]
    [InlineData(EachlabsFault.CreateBadRequest, FailureCodes.InvalidInput)]
    [InlineData(EachlabsFault.CreateUnprocessable, FailureCodes.InvalidInput)]
    [InlineData(EachlabsFault.CreateUnauthorized, FailureCodes.BackendRejected)]
    [InlineData(EachlabsFault.CreatePaymentRequired, FailureCodes.BackendRejected)]
    [InlineData(EachlabsFault.CreateForbidden, FailureCodes.BackendRejected)]
    [InlineData(EachlabsFault.CreateNotFound, FailureCodes.BackendRejected)]
    public async Task A_refusal_is_a_rejection_with_the_backends_words(EachlabsFault fault, string code)
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var failure = await RejectedAsync(driver, EachlabsDriver.Request(fault));

        Assert.Equal(code, failure.Code);
        Assert.False(failure.Retryable);
        Assert.False(string.IsNullOrEmpty(failure.Detail));
        Assert.Equal((1, 0), (emulator.Counts.CreatesReceived, emulator.Counts.CreatesBilled));
    }

    [Theory]
    [InlineData(EachlabsFault.DropBefore, 0)]
    [InlineData(EachlabsFault.DropAfter, 1)]
    [InlineData(EachlabsFault.SlowCreate, 1)]
    [InlineData(EachlabsFault.CreateServerError, 0)]
    [InlineData(EachlabsFault.CreateServerErrorAfter, 1)]
    [InlineData(EachlabsFault.CreateBadGateway, 1)]
    [InlineData(EachlabsFault.CreateMalformed, 1)]
    [InlineData(EachlabsFault.CreateWithoutId, 1)]
    [InlineData(EachlabsFault.CreateHuge, 1)]
    public async Task A_create_whose_answer_is_lost_is_unknown_and_never_repeated(EachlabsFault fault, int billed)
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl, ("CreateTimeout", "00:00:02"));
        await driver.AcceptAsync(EachlabsDriver.Request("warms up the connection"));

        var outcome = await driver.Backend.SubmitAsync(
            EachlabsDriver.Request(fault),
            TestContext.Current.CancellationToken
        );

        var failure = Assert.IsType<SubmitOutcome.Unknown>(outcome).Failure;
        Assert.Equal(FailureCodes.SubmissionUnknown, failure.Code);
        Assert.False(failure.Retryable);
        Assert.Contains("may be billed", failure.Message, StringComparison.Ordinal);
        Assert.Equal((2, 1 + billed), (emulator.Counts.CreatesReceived, emulator.Counts.CreatesBilled));
    }

    [Theory]
    [InlineData(RetryAfterForm.Absent)]
    [InlineData(RetryAfterForm.Seconds)]
    [InlineData(RetryAfterForm.Date)]
    public async Task A_limit_is_throttling_with_the_time_to_wait(RetryAfterForm form)
    {
        await using var emulator = await StartAsync(new() { RequestsPerMinute = 1, RetryAfter = form });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        await driver.AcceptAsync(EachlabsDriver.Request("a test"));

        var outcome = await driver.Backend.SubmitAsync(
            EachlabsDriver.Request("another"),
            TestContext.Current.CancellationToken
        );

        var wait = Assert.IsType<SubmitOutcome.Throttled>(outcome).RetryAfter;
        if (form == RetryAfterForm.Absent)
        {
            Assert.Null(wait);
        }
        else
        {
            Assert.InRange(wait!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(62));
        }

        Assert.Equal((1, 1), (emulator.Counts.CreatesBilled, emulator.Counts.Throttled));
    }

    [Fact]
    public async Task More_predictions_at_once_than_allowed_are_throttled_and_not_billed()
    {
        await using var emulator = await StartAsync(new() { MaxConcurrent = 1, RunTime = TimeSpan.FromMinutes(10) });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        await driver.AcceptAsync(EachlabsDriver.Request("a test"));

        var outcome = await driver.Backend.SubmitAsync(
            EachlabsDriver.Request("another"),
            TestContext.Current.CancellationToken
        );

        Assert.IsType<SubmitOutcome.Throttled>(outcome);
        Assert.Equal(["a test"], emulator.Counts.BilledOrder);
    }

    [Fact]
    public async Task A_refused_connection_certainly_sent_nothing()
    {
        var freePort = FreePort();
        await using var driver = new EachlabsDriver(new Uri($"http://127.0.0.1:{freePort}"));

        await AssertNotSentAsync(driver);
    }

    [Fact]
    public async Task An_unknown_host_certainly_got_nothing()
    {
        await using var driver = new EachlabsDriver(new Uri("http://no-such-host.invalid"));

        await AssertNotSentAsync(driver);
    }

    [Fact]
    public async Task The_input_of_other_models_is_passed_on_as_it_is()
    {
        await using var emulator = await StartAsync(new() { StringsOnly = true });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var input = JsonNode.Parse(
            """{"image":"https://example.com/a.png","strength":0.5,"nested":{"on":true},"none":null}"""
        )!;

        var id = await driver.AcceptAsync(new BackendRequest("omni-zero", null, input.AsObject()));

        using var client = new SocketsHttpHandler();
        using var invoker = new HttpMessageInvoker(client);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(emulator.BaseUrl, $"v1/prediction/{id}"));
        request.Headers.Add("X-API-Key", "any");
        using var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(JsonNode.DeepEquals(input, seen["input"]));
    }

    [Fact]
    public async Task The_key_is_in_no_log_line_and_no_outcome()
    {
        await using var emulator = await StartAsync(new() { ApiKey = "another" });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        await using var nowhere = new EachlabsDriver(new Uri($"http://127.0.0.1:{FreePort()}"));

        var refused = await RejectedAsync(driver, EachlabsDriver.Request(EachlabsFault.DropAfter));
        await driver.Backend.ObserveAsync("abc", TestContext.Current.CancellationToken);
        var notSent = await nowhere.Backend.SubmitAsync(
            EachlabsDriver.Request("a test"),
            TestContext.Current.CancellationToken
        );

        Assert.NotEmpty(driver.Logs.Lines);
        Assert.DoesNotContain(
            driver.Logs.Lines.Concat(nowhere.Logs.Lines).Append(refused.ToString()).Append(notSent.ToString()),
            line => line.Contains(EachlabsDriver.Key, StringComparison.Ordinal)
        );
    }

    private static Task<EachlabsEmulator> StartAsync(EachlabsEmulatorOptions options) =>
        EachlabsEmulator.StartAsync(options, TestContext.Current.CancellationToken);

    private static async Task<PredictionFailure> RejectedAsync(EachlabsDriver driver, BackendRequest request) =>
        Assert
            .IsType<SubmitOutcome.Rejected>(
                await driver.Backend.SubmitAsync(request, TestContext.Current.CancellationToken)
            )
            .Failure;

    private static async Task AssertNotSentAsync(EachlabsDriver driver)
    {
        var outcome = await driver.Backend.SubmitAsync(
            EachlabsDriver.Request("a test"),
            TestContext.Current.CancellationToken
        );

        var failure = Assert.IsType<SubmitOutcome.NotSent>(outcome).Failure;
        Assert.Equal(FailureCodes.BackendUnavailable, failure.Code);
        Assert.True(failure.Retryable);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
