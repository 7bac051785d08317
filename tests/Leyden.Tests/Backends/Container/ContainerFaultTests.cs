using System.Net;
using System.Net.Sockets;
using Leyden.Backends;
using Leyden.Emulators.Cog;
using Leyden.Predictions;

namespace Leyden.Tests.Backends.Container;

/// <summary>What the backend makes of a container in trouble.</summary>
public sealed class ContainerFaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("UNKNOWN", typeof(Readiness.Warming))]
    [InlineData("STARTING", typeof(Readiness.Warming))]
    [InlineData("UNHEALTHY", typeof(Readiness.Warming))]
    [InlineData("READY", typeof(Readiness.Ready))]
    [InlineData("BUSY", typeof(Readiness.Busy))]
    [InlineData("SETUP_FAILED", typeof(Readiness.Broken))]
    [InlineData("DEFUNCT", typeof(Readiness.Broken))]
    public async Task Each_state_of_the_container_is_known(string state, Type expected)
    {
        await using var emulator = await CogEmulator.StartAsync(new() { State = state }, Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl);

        var readiness = await driver.Backend.CheckReadinessAsync(Stop);

        Assert.IsType(expected, readiness);
        if (state == "SETUP_FAILED")
        {
            Assert.Contains(
                "CUDA out of memory",
                ((Readiness.Broken)readiness).Failure.Detail,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task A_cold_container_warms_up_and_refuses_runs_meanwhile()
    {
        await using var emulator = await CogEmulator.StartAsync(
            new() { StartsCold = true, SetupTime = TimeSpan.FromSeconds(2) },
            Stop
        );
        await using var driver = new ContainerDriver(emulator.BaseUrl);

        Assert.IsType<Readiness.Warming>(await driver.Backend.CheckReadinessAsync(Stop));
        Assert.IsType<RunOutcome.NotReady>((await driver.RunAsync(ContainerDriver.Request("a test"))).Outcome);
        await driver.ReadyAsync();
        Assert.IsType<RunOutcome.Succeeded>((await driver.RunAsync(ContainerDriver.Request("a test"))).Outcome);
    }

    [Theory]
    [InlineData(CogFault.Busy, typeof(RunOutcome.Busy))]
    [InlineData(CogFault.NotReady, typeof(RunOutcome.NotReady))]
    [InlineData(CogFault.ServerError, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.BadGateway, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.Drop, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.DropDetached, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.DropAfter, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.HalfAnswer, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.Malformed, typeof(RunOutcome.Interrupted))]
    [InlineData(CogFault.Forbidden, typeof(RunOutcome.Broken))]
    public async Task What_may_be_repeated_is_told_from_what_began_nothing(CogFault fault, Type expected)
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl);

        Assert.IsType(expected, (await driver.RunAsync(ContainerDriver.Request(fault))).Outcome);
    }

    [Theory]
    [InlineData(CogFault.RunFailed, FailureCodes.BackendFailed, "CUDA error")]
    [InlineData(CogFault.Nsfw, FailureCodes.Nsfw, "NSFW")]
    [InlineData(CogFault.NsfwEmpty, FailureCodes.Nsfw, "")]
    [InlineData(CogFault.Unprocessable, FailureCodes.InvalidInput, "width")]
    [InlineData(CogFault.UnprocessableError, FailureCodes.InvalidInput, "prompt is not accepted")]
    [InlineData(CogFault.UrlOutput, FailureCodes.BackendFailed, "--upload-url")]
    [InlineData(CogFault.HtmlOutput, FailureCodes.OutputUnavailable, "no PNG")]
    [InlineData(CogFault.BadBase64, FailureCodes.OutputUnavailable, "not Base64")]
    [InlineData(CogFault.HugeOutput, FailureCodes.OutputUnavailable, "MaxBytes")]
    public async Task What_would_end_the_same_way_again_is_a_failure(CogFault fault, string code, string words)
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl);

        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request(fault));

        var failure = Assert.IsType<RunOutcome.Failed>(outcome).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(words, $"{failure.Message} {failure.Detail}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_picture_may_be_missing()
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl);

        var (outcome, pictures) = await driver.RunAsync(
            ContainerDriver.Request($"a test {CogFaults.Marker(CogFault.NsfwLast)}", ("num_outputs", 3))
        );

        Assert.IsType<RunOutcome.Succeeded>(outcome);
        Assert.Equal(2, pictures.Count);
    }

    [Fact]
    public async Task A_repeat_of_a_run_under_way_begins_nothing_and_another_id_finds_no_slot()
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl);
        var id = ContainerDriver.NewId();
        var request = ContainerDriver.Request(CogFault.NeverFinish);
        var run = driver.RunAsync(request, id);
        while (!emulator.Counts.RunsById.ContainsKey(id))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop);
        }

        var (repeat, _) = await driver.RunAsync(request, id);
        var (other, _) = await driver.RunAsync(request);
        var stop = await driver.Backend.CancelAsync(id, Stop);
        var (first, _) = await run;

        Assert.IsType<RunOutcome.UnderWay>(repeat);
        Assert.IsType<RunOutcome.Busy>(other);
        Assert.Equal(RunStop.Stopping, stop);
        Assert.IsType<RunOutcome.Canceled>(first);
        Assert.Equal(1, emulator.Counts.RunsById[id]);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_given_up_and_stops()
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl, ("RunTimeout", "00:00:01"));

        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request(CogFault.NeverFinish));

        Assert.Contains(
            "RunTimeout",
            Assert.IsType<RunOutcome.Failed>(outcome).Failure.Message,
            StringComparison.Ordinal
        );
        await Orchestration.PredictionWorld.EventuallyAsync(
            () => Task.FromResult(emulator.Counts.Stopped == 1),
            "the run has stopped"
        );
    }

    [Fact]
    public async Task Nobody_at_the_address_is_told_from_a_cold_start()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();
        await using var driver = new ContainerDriver(address);

        Assert.IsType<Readiness.Unreachable>(await driver.Backend.CheckReadinessAsync(Stop));
        Assert.IsType<RunOutcome.NotSent>((await driver.RunAsync(ContainerDriver.Request("a test"))).Outcome);
        Assert.Equal(RunStop.Unknown, await driver.Backend.CancelAsync("any", Stop));
    }

    [Fact]
    public async Task The_faults_of_the_published_image_are_known()
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Stop);
        await using var published = new ContainerDriver(emulator.BaseUrl);
        await using var own = new ContainerDriver(emulator.BaseUrl, ("Image", "model-server"));
        var karras = ContainerDriver.Request("a test", ("scheduler", "KarrasDPM"));
        var misnamed = ContainerDriver.Request("a test", ("scheduler", "DPM++2MSDE"));

        Assert.Equal("scheduler", published.Backend.FindUnsupported(karras.Model, karras.Input)?.Field);
        Assert.Null(own.Backend.FindUnsupported(karras.Model, karras.Input));
        Assert.Equal("model", own.Backend.FindUnsupported("omni-zero", [])?.Field);
        Assert.NotNull(Assert.IsType<RunOutcome.Succeeded>((await published.RunAsync(misnamed)).Outcome).Note);
        Assert.Null(Assert.IsType<RunOutcome.Succeeded>((await own.RunAsync(misnamed)).Outcome).Note);
    }

    [Fact]
    public async Task The_cost_is_the_time_by_the_price()
    {
        await using var emulator = await CogEmulator.StartAsync(new() { RunTime = TimeSpan.FromSeconds(0.5) }, Stop);
        await using var driver = new ContainerDriver(emulator.BaseUrl, ("PricePerSecond", "0.002"));

        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request("a test"));

        Assert.Equal(0.001m, Assert.IsType<RunOutcome.Succeeded>(outcome).Cost);
    }
}
