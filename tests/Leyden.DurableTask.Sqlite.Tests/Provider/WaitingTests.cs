using DurableTask.Core;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class WaitingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_that_runs_out_of_time_returns_null()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");

        Assert.Null(await engine.Client.WaitForOrchestrationAsync(instance, TimeSpan.FromMilliseconds(50), Cancel));
        Assert.Null(await engine.Client.WaitForOrchestrationAsync(instance, TimeSpan.Zero, Cancel));
    }

    [Fact]
    public async Task A_cancelled_wait_throws_and_the_instance_goes_on()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            engine.Client.WaitForOrchestrationAsync(instance, Timeout.InfiniteTimeSpan, cancel.Token)
        );

        await engine.Client.RaiseEventAsync(instance, "go", "on");
        Assert.Equal("on", Payload.Text((await engine.ResultAsync(instance)).Output));
    }

    [Fact]
    public async Task Many_waiters_all_hear_of_the_end()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        var instance = await engine.RunAsync("waits");
        var waits = Enumerable.Range(0, 10).Select(_ => engine.ResultAsync(instance)).ToList();

        await engine.Client.RaiseEventAsync(instance, "go", "all");

        Assert.All(await Task.WhenAll(waits), state => Assert.Equal("all", Payload.Text(state.Output)));
    }

    [Fact]
    public async Task Waiting_may_begin_before_the_instance_exists()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        var wait = engine.ResultAsync(new OrchestrationInstance { InstanceId = "to come" });

        await engine.RunAsync("three", "a", "to come");

        Assert.Equal("axxx", Payload.Text((await wait).Output));
    }

    [Fact]
    public async Task Who_waits_for_a_replaced_execution_does_not_get_the_result_of_the_new_one()
    {
        await using var engine = await OrchestrationTests.Appending(new EngineHarness()).StartAsync();
        var first = await engine.RunAsync("three", "a", "same");
        await engine.ResultAsync(first);
        var second = await engine.RunAsync("three", "b", "same");
        await engine.ResultAsync(second);

        Assert.Null(await engine.Client.WaitForOrchestrationAsync(first, TimeSpan.FromMilliseconds(100), Cancel));
        Assert.Equal("bxxx", Payload.Text((await engine.ResultAsync(second)).Output));
    }

    [Fact]
    public async Task Waiters_that_gave_up_leave_nothing_behind()
    {
        var time = new FakeTimeProvider();
        var waiters = new CompletionWaiters();
        using (var waiter = waiters.Add("a", null))
        {
            Assert.Equal(1, waiters.Count);
            var wait = waiter.Task.WaitAsync(TimeSpan.FromSeconds(1), time, Cancel);
            time.Advance(TimeSpan.FromSeconds(2));
            await Assert.ThrowsAsync<TimeoutException>(() => wait);
        }

        Assert.Equal(0, waiters.Count);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("first", true)]
    [InlineData("last", true)]
    [InlineData("other", false)]
    public void An_unbound_waiter_is_for_the_executions_of_one_start(string? executionId, bool expected)
    {
        using var waiter = new CompletionWaiters().Add("a", executionId);

        Assert.Equal(expected, waiter.IsFor(new InstanceIdentity(1, "a", "last", "first")));
    }

    [Fact]
    public void A_bound_waiter_is_for_its_start_only()
    {
        using var waiter = new CompletionWaiters().Add("a", null);
        waiter.Bind(1);

        Assert.True(waiter.IsFor(new InstanceIdentity(1, "a", "x", "y")));
        Assert.False(waiter.IsFor(new InstanceIdentity(2, "a", "x", "y")));
    }
}
