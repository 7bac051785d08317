using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class ActivityConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    private readonly EngineHosts _hosts = hosts;

    [Fact]
    public async Task Fifty_activities_run_side_by_side_and_all_results_come_back()
    {
        Assert.Equal(Enumerable.Range(1, 50), await OutputAsync<FanOut, int[]>(50));
    }

    [Fact]
    public async Task A_hundred_instances_run_at_once_and_none_is_lost()
    {
        var outputs = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => OutputAsync<AddsOne, int>(n)));

        Assert.Equal(Enumerable.Range(1, 100), outputs);
    }

    [Fact]
    public async Task A_failing_activity_is_repeated_by_its_policy_until_it_succeeds()
    {
        Assert.Equal(3, await OutputAsync<RetriesByPolicy, int>(2));
    }

    [Fact]
    public async Task A_policy_gives_up_after_its_attempts_and_the_instance_fails_with_the_last_failure()
    {
        var ended = await RunAsync<RetriesByPolicy>(99);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("attempt 5", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_does_not_repeat_what_its_HandleFailure_refuses()
    {
        Assert.Equal("FlakyActivity: attempt 1 failed", await OutputAsync<RefusesToRetry, string>(99));
    }

    [Fact]
    public async Task A_retry_handler_decides_after_each_attempt()
    {
        Assert.Equal(3, await OutputAsync<RetriesByHandler, int>(2));
    }

    [Fact]
    public async Task An_orchestrator_sees_which_task_failed_how_and_why()
    {
        Assert.Equal(
            new SeenFailure("FlakyActivity", typeof(FlakyException).FullName!, "attempt 1 failed", true, true, false),
            await OutputAsync<SeesFailure, SeenFailure>(99)
        );
    }

    [Fact]
    public async Task A_failure_that_nobody_catches_fails_the_instance()
    {
        var ended = await RunAsync<LetsFailuresThrough>(99);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("attempt 1 failed", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        if (EngineDifferences.FailureDetailsLost.AppliesTo(Engine))
        {
            Assert.Equal("(unknown)", ended.FailureDetails?.ErrorType);
            return;
        }

        Assert.Equal(typeof(TaskFailedException).FullName, ended.FailureDetails?.ErrorType);
        Assert.True(ended.FailureDetails?.InnerFailure?.IsCausedBy<FlakyException>());
    }

    [Fact]
    public async Task An_exception_of_the_orchestrator_fails_the_instance()
    {
        var ended = await RunAsync<Throws>();

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("on purpose", ended.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_activity_fails_the_call_at_once_and_names_no_other()
    {
        var message = await OutputAsync<CallsActivity, string>("NoSuchActivity");

        Assert.Contains("NoSuchActivity", message, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Increment), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_tells_its_instance_and_its_name()
    {
        var ended = await RunAsync<AsksWhoIsThere>();

        Assert.Equal($"{nameof(WhoAmI)} of {ended.InstanceId}", Output<string>(ended));
    }

    [Fact]
    public async Task Each_activity_call_has_a_scope_of_its_own_which_ends_with_the_call()
    {
        var scopes = (await _hosts.SharedAsync<TEngine>()).Services.GetRequiredService<CallScopes>();

        var numbers = await OutputAsync<CallsScoped, int[]>(3);

        Assert.Distinct(numbers);
        Assert.True(scopes.Disposed >= numbers.Length, $"{scopes.Disposed} scopes ended");
    }
}

public sealed class ActivitiesOnSqlite(EngineHosts hosts) : ActivityConformance<SqliteEngine>(hosts);

public sealed class ActivitiesInMemory(EngineHosts hosts) : ActivityConformance<InMemoryEngine>(hosts);

public sealed class ActivitiesOnAzureStorage(EngineHosts hosts) : ActivityConformance<AzureStorageEngine>(hosts);
