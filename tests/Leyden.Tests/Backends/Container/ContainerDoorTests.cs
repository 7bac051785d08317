using System.Net;
using Azure.Core;
using Azure.Identity;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Emulators.Cog;
using Leyden.Identity;
using Leyden.Predictions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Tests.Backends.Container;

/// <summary>The token that gets requests past a sign-in in front of the container: when it is sent, kept, renewed, and what comes without.</summary>
public sealed class ContainerDoorTests : IAsyncLifetime
{
    private const string Audience = "api://leyden-container";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private CogEmulator _emulator = null!;
    private PlayedIdentity _identity = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _emulator = await CogEmulator.StartAsync(new() { Audience = Audience }, Stop);
        _identity = new PlayedIdentity(_emulator);
    }

    public ValueTask DisposeAsync() => _emulator.DisposeAsync();

    [Fact]
    public async Task One_token_serves_every_request_and_never_shows_up_in_a_log()
    {
        var token = _emulator.IssueToken(Audience, Hour);
        _identity.First.Enqueue(token);
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity);

        var readiness = await driver.Backend.CheckReadinessAsync(Stop);
        var (outcome, pictures) = await driver.RunAsync(ContainerDriver.Request("a red circle"));
        var stop = await driver.Backend.CancelAsync(ContainerDriver.NewId(), Stop);

        Assert.IsType<Readiness.Ready>(readiness);
        Assert.IsType<RunOutcome.Succeeded>(outcome);
        Assert.Single(pictures);
        Assert.Equal(RunStop.NotRunning, stop);
        Assert.Equal($"{Audience}/.default", Assert.Single(_identity.Scopes));
        Assert.Equal(0, _emulator.Counts.TurnedAway);
        Assert.Contains(driver.Logs.Lines, line => line.Contains("health-check", StringComparison.Ordinal));
        Assert.All(driver.Logs.Lines, line => Assert.DoesNotContain(token, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_token_the_door_says_401_which_is_told_with_its_setting_and_no_fault_of_the_model()
    {
        await using var driver = new ContainerDriver(_emulator.BaseUrl);

        var broken = Assert.IsType<Readiness.Broken>(await driver.Backend.CheckReadinessAsync(Stop));
        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request("a test"));

        var failure = Assert.IsType<RunOutcome.Broken>(outcome).Failure;
        Assert.Equal(broken.Failure, failure);
        Assert.Equal((FailureCodes.BackendRejected, false), (failure.Code, failure.Retryable));
        Assert.Contains("401", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Leyden:Container:Audience", failure.Message, StringComparison.Ordinal);
        Assert.Equal((2, 0), (_emulator.Counts.TurnedAway, _emulator.Counts.Puts));
        Assert.Equal(RunStop.Unknown, await driver.Backend.CancelAsync("any", Stop));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("for-somebody-else")]
    [InlineData("forged")]
    public async Task A_token_that_is_turned_away_is_replaced_once_and_the_run_begins_once(string kind)
    {
        await using var other = await CogEmulator.StartAsync(new(), Stop);
        _identity.First.Enqueue(
            kind switch
            {
                "expired" => _emulator.IssueToken(Audience, -Hour / 2),
                "forged" => other.IssueToken(Audience, Hour),
                _ => _emulator.IssueToken("api://another", Hour),
            }
        );
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity);
        var id = ContainerDriver.NewId();

        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request("a red circle"), id);

        Assert.IsType<RunOutcome.Succeeded>(outcome);
        Assert.Equal((1, 1), (_emulator.Counts.TurnedAway, _emulator.Counts.RunsById[id]));
        Assert.Equal(2, _identity.Asked);
    }

    [Fact]
    public async Task The_same_token_is_not_sent_again_to_a_door_that_turned_it_away()
    {
        var expired = _emulator.IssueToken(Audience, -Hour / 2);
        _identity.First.Enqueue(expired);
        _identity.First.Enqueue(expired);
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity);

        Assert.IsType<RunOutcome.Broken>((await driver.RunAsync(ContainerDriver.Request("a test"))).Outcome);

        Assert.Equal(1, _emulator.Counts.TurnedAway);
    }

    [Fact]
    public async Task A_door_that_does_not_admit_the_identity_says_403_and_is_not_asked_again()
    {
        _emulator.Options.AdmittedClient = "another";
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity);

        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request("a test"));

        Assert.Contains("403", Assert.IsType<RunOutcome.Broken>(outcome).Failure.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_emulator.Counts.TurnedAway, _identity.Asked));
    }

    [Fact]
    public async Task A_host_without_an_identity_sends_nothing_and_may_try_later()
    {
        _identity.First.Enqueue(new CredentialUnavailableException("no managed identity endpoint"));
        _identity.First.Enqueue(new AuthenticationFailedException("the endpoint answered 500"));
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity);

        var readiness = await driver.Backend.CheckReadinessAsync(Stop);
        var (outcome, _) = await driver.RunAsync(ContainerDriver.Request("a test"));
        var later = await driver.Backend.CheckReadinessAsync(Stop);

        var failure = Assert.IsType<Readiness.Unreachable>(readiness).Failure;
        Assert.Contains("Leyden:Container:Audience", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.Retryable);
        Assert.IsType<RunOutcome.NotSent>(outcome);
        Assert.IsType<Readiness.Ready>(later);
        Assert.Equal((0, 0), (_emulator.Counts.TurnedAway, _emulator.Counts.Puts));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_so_that_no_other_host_sees_the_token()
    {
        using var listener = new HttpListener();
        var address = ListenAnywhere(listener);
        var answer = AnswerOnceAsync(listener, _emulator.BaseUrl);
        await using var driver = ContainerDriver.BehindDoor(_emulator, _identity, ("BaseUrl", address));

        var readiness = await driver.Backend.CheckReadinessAsync(Stop);

        Assert.StartsWith("Bearer ", await answer, StringComparison.Ordinal);
        Assert.Contains(
            "redirect",
            Assert.IsType<Readiness.Broken>(readiness).Failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal((0, 0), (_emulator.Counts.TurnedAway, _emulator.Counts.HealthChecks));
    }

    [Fact]
    public async Task Those_who_ask_at_once_share_one_fetch_and_who_gives_up_does_not_stop_it()
    {
        var gate = new TaskCompletionSource();
        _identity.Gate = gate.Task;
        using var givesUp = new CancellationTokenSource();
        var tokens = Tokens(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));

        var impatient = tokens.GetAsync(givesUp.Token).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(Stop).AsTask()).ToList();
        await givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();

        Assert.Single((await Task.WhenAll(others)).Distinct());
        Assert.Equal(1, _identity.Asked);
    }

    [Fact]
    public async Task A_token_is_replaced_before_it_expires_and_used_to_its_end_when_there_is_no_other()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var tokens = Tokens(time);
        _identity.First.Enqueue(new AccessToken("first", time.GetUtcNow() + Hour));
        _identity.First.Enqueue(new AuthenticationFailedException("the endpoint answered 500"));
        _identity.First.Enqueue(new AccessToken("second", time.GetUtcNow() + (2 * Hour)));

        var first = await tokens.GetAsync(Stop);
        time.Advance(Hour - ContainerTokens.Margin - TimeSpan.FromSeconds(1));
        var kept = await tokens.GetAsync(Stop);
        var askedUntilThen = _identity.Asked;
        time.Advance(TimeSpan.FromSeconds(2));
        var failed = await tokens.GetAsync(Stop);
        var second = await tokens.GetAsync(Stop);

        Assert.Equal(("first", "first", 1), (first, kept, askedUntilThen));
        Assert.Equal(("first", "second"), (failed, second));
    }

    [Fact]
    public async Task An_identity_that_does_not_answer_is_given_up()
    {
        _identity.Gate = new TaskCompletionSource().Task;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var asked = Tokens(time).GetAsync(Stop).AsTask();
        while (_identity.Asked == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stop);
        }

        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<ContainerTokenException>(() => asked);
    }

    private ContainerTokens Tokens(TimeProvider time) =>
        new(
            new DeploymentIdentity(() => _identity),
            Options.Create(new ContainerOptions { Audience = Audience }),
            time,
            NullLogger<ContainerTokens>.Instance
        );

    private static string ListenAnywhere(HttpListener listener)
    {
        using var port = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var address = $"http://{port.LocalEndpoint}/";
        port.Stop();
        listener.Prefixes.Add(address);
        listener.Start();
        return address;
    }

    private static async Task<string> AnswerOnceAsync(HttpListener listener, Uri elsewhere)
    {
        var context = await listener.GetContextAsync();
        context.Response.StatusCode = 307;
        context.Response.RedirectLocation = new Uri(elsewhere, "health-check").AbsoluteUri;
        context.Response.Close();
        return context.Request.Headers["Authorization"] ?? "";
    }
}
