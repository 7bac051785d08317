using Leyden.Backends;
using Leyden.Emulators.Eachlabs;
using Leyden.Predictions;

namespace Leyden.Tests.Backends.Eachlabs;

public sealed class EachlabsObserveTests
{
    [Fact]
    public async Task A_prediction_is_queued_then_runs_then_succeeds()
    {
        var options = new EachlabsEmulatorOptions
        {
            QueueTime = TimeSpan.FromHours(1),
            RunTime = TimeSpan.FromHours(1),
        };
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var emulator = await EachlabsEmulator.StartAsync(
            options,
            TestContext.Current.CancellationToken,
            time
        );
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request("a test", outputs: 2));

        Assert.Equal(new ObserveOutcome.Running(Started: false), await ObserveAsync(driver, id));
        time.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(new ObserveOutcome.Running(Started: false), await ObserveAsync(driver, id));
        time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(new ObserveOutcome.Running(Started: true), await ObserveAsync(driver, id));
        time.Advance(TimeSpan.FromMinutes(45));
        var succeeded = Assert.IsType<ObserveOutcome.Succeeded>(await ObserveAsync(driver, id));

        Assert.Equal(
            [new Uri(emulator.BaseUrl, $"outputs/{id}/0.png"), new Uri(emulator.BaseUrl, $"outputs/{id}/1.png")],
            succeeded.Outputs
        );
        Assert.Equal(TimeSpan.FromHours(1), succeeded.PredictTime);
        Assert.Equal(3600 * 0.001540m, succeeded.Cost);
        Assert.StartsWith("Using seed:", succeeded.Logs, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutputForm.StringOrArray, 1)]
    [InlineData(OutputForm.StringOrArray, 3)]
    [InlineData(OutputForm.Array, 1)]
    [InlineData(OutputForm.Nested, 3)]
    public async Task Outputs_are_found_in_every_form(OutputForm form, int count)
    {
        await using var emulator = await StartAsync(new() { Output = form });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var succeeded = await RunAsync<ObserveOutcome.Succeeded>(driver, EachlabsDriver.Request("a test", count));

        Assert.Equal(
            Enumerable.Range(0, count).Select(n => $"{n}.png"),
            succeeded.Outputs.Select(url => url.Segments[^1])
        );
    }

    [Theory]
    [InlineData(EachlabsFault.ModelError, FailureCodes.BackendFailed, "CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData(EachlabsFault.ModelFailed, FailureCodes.BackendFailed, "The model stopped unexpectedly")]
    [InlineData(EachlabsFault.ModelErrorInLogs, FailureCodes.BackendFailed, "CUDA out of memory")]
    [InlineData(EachlabsFault.Nsfw, FailureCodes.Nsfw, "NSFW content detected")]
    [InlineData(EachlabsFault.OutputNone, FailureCodes.OutputUnavailable, "Using seed")]
    public async Task A_failure_has_a_code_and_the_backends_words(EachlabsFault fault, string code, string words)
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var failed = await RunAsync<ObserveOutcome.Failed>(driver, EachlabsDriver.Request(fault));

        Assert.Equal(code, failed.Failure.Code);
        Assert.Contains(words, failed.Failure.Detail, StringComparison.Ordinal);
        Assert.NotNull(failed.PredictTime);
        Assert.NotNull(failed.Cost);
    }

    [Fact]
    public async Task Pictures_that_the_safety_checker_dropped_are_missing_from_the_outputs()
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var request = EachlabsDriver.Request(EachlabsFault.NsfwLast, outputs: 3);

        Assert.Equal(2, (await RunAsync<ObserveOutcome.Succeeded>(driver, request)).Outputs.Count);
    }

    [Fact]
    public async Task The_cost_is_reckoned_from_the_run_time_when_it_is_not_told()
    {
        await using var emulator = await StartAsync(new() { PricePerSecond = null });
        await using var driver = new EachlabsDriver(emulator.BaseUrl, ("PricePerSecond", "0.5"));

        var succeeded = await RunAsync<ObserveOutcome.Succeeded>(driver, EachlabsDriver.Request("a test"));

        Assert.Equal((decimal)succeeded.PredictTime!.Value.TotalSeconds * 0.5m, succeeded.Cost);
    }

    [Fact]
    public async Task An_unknown_status_is_not_an_end()
    {
        await using var emulator = await StartAsync(new() { RunTime = TimeSpan.FromMinutes(10) });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var id = await driver.AcceptAsync(EachlabsDriver.Request(EachlabsFault.UnknownStatus));

        Assert.Equal(new ObserveOutcome.Running(Started: false), await ObserveAsync(driver, id));
    }

    [Theory]
    [InlineData(EachlabsFault.GetDropped)]
    [InlineData(EachlabsFault.GetServerError)]
    public async Task A_read_that_fails_in_passing_is_repeated(EachlabsFault fault)
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request(fault, times: 2));

        Assert.IsNotType<ObserveOutcome.Unavailable>(await ObserveAsync(driver, id));
        Assert.Equal(3, emulator.Counts.Gets);
    }

    [Theory]
    [InlineData(EachlabsFault.GetDropped, 3)]
    [InlineData(EachlabsFault.GetServerError, 3)]
    [InlineData(EachlabsFault.GetMalformed, 1)]
    [InlineData(EachlabsFault.GetUnauthorized, 1)]
    [InlineData(EachlabsFault.SlowGet, 1)]
    public async Task A_read_that_keeps_failing_is_unavailable(EachlabsFault fault, int reads)
    {
        await using var emulator = await StartAsync(new());
        var limit = fault == EachlabsFault.SlowGet ? "00:00:02" : "00:00:15";
        await using var driver = new EachlabsDriver(emulator.BaseUrl, ("ReadTimeout", limit));
        var id = await driver.AcceptAsync(EachlabsDriver.Request(fault));

        var unavailable = Assert.IsType<ObserveOutcome.Unavailable>(await ObserveAsync(driver, id));

        Assert.Equal(FailureCodes.BackendUnavailable, unavailable.Failure.Code);
        Assert.Equal((reads, 1), (emulator.Counts.Gets, emulator.Counts.CreatesBilled));
    }

    [Fact]
    public async Task A_read_of_more_than_a_megabyte_is_unavailable()
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);

        var unavailable = await RunAsync<ObserveOutcome.Unavailable>(
            driver,
            EachlabsDriver.Request(EachlabsFault.GetHuge)
        );

        Assert.Contains("longer than 1 MB", unavailable.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_is_throttling()
    {
        await using var emulator = await StartAsync(new() { RetryAfter = RetryAfterForm.Seconds });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request(EachlabsFault.GetThrottled));

        var throttled = Assert.IsType<ObserveOutcome.Throttled>(await ObserveAsync(driver, id));

        Assert.Equal(TimeSpan.FromSeconds(1), throttled.RetryAfter);
        Assert.Equal(1, emulator.Counts.Gets);
    }

    [Fact]
    public async Task A_prediction_that_is_not_known_is_missing()
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var forgotten = await driver.AcceptAsync(EachlabsDriver.Request(EachlabsFault.GetNotFound));

        Assert.IsType<ObserveOutcome.Missing>(await ObserveAsync(driver, forgotten));
        Assert.IsType<ObserveOutcome.Missing>(await ObserveAsync(driver, "never-seen"));
        Assert.IsType<ObserveOutcome.Missing>(await ObserveAsync(driver, "../../emulator/counters"));
        Assert.Equal(2, emulator.Counts.Gets);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(EachlabsFault.CanceledWithOneL)]
    public async Task A_canceled_prediction_is_canceled_in_either_spelling(EachlabsFault? fault)
    {
        await using var emulator = await StartAsync(new() { RunTime = TimeSpan.FromMinutes(10) });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var request = fault is null ? EachlabsDriver.Request("a test") : EachlabsDriver.Request(fault.Value);
        var id = await driver.AcceptAsync(request);

        Assert.True(await CancelAsync(driver, id));
        Assert.IsType<ObserveOutcome.Canceled>(await ObserveAsync(driver, id));
    }

    [Fact]
    public async Task A_cancel_that_is_ignored_shows_in_the_next_observation()
    {
        await using var emulator = await StartAsync(new() { RunTime = TimeSpan.FromMinutes(10) });
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request(EachlabsFault.CancelIgnored));

        Assert.True(await CancelAsync(driver, id));
        Assert.IsType<ObserveOutcome.Running>(await ObserveAsync(driver, id));
    }

    [Fact]
    public async Task A_cancel_that_is_not_taken_is_told()
    {
        await using var emulator = await StartAsync(new());
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request(EachlabsFault.CancelServerError));

        Assert.False(await CancelAsync(driver, id));
        Assert.False(await CancelAsync(driver, "never-seen"));
        Assert.False(await CancelAsync(driver, "../x"));
        Assert.Equal(2, emulator.Counts.Cancels);
    }

    // A short run, so that tests of what comes after it need not wait.
    private static Task<EachlabsEmulator> StartAsync(EachlabsEmulatorOptions options)
    {
        if (options.RunTime == new EachlabsEmulatorOptions().RunTime)
        {
            options.RunTime = TimeSpan.FromMilliseconds(50);
            options.QueueTime = TimeSpan.Zero;
        }

        options.RequestsPerMinute = 0;
        return EachlabsEmulator.StartAsync(options, TestContext.Current.CancellationToken);
    }

    private static async Task<T> RunAsync<T>(EachlabsDriver driver, BackendRequest request)
        where T : ObserveOutcome => await driver.ObserveUntilAsync<T>(await driver.AcceptAsync(request));

    private static Task<ObserveOutcome> ObserveAsync(EachlabsDriver driver, string id) =>
        driver.Backend.ObserveAsync(id, TestContext.Current.CancellationToken);

    private static Task<bool> CancelAsync(EachlabsDriver driver, string id) =>
        driver.Backend.CancelAsync(id, TestContext.Current.CancellationToken);
}
