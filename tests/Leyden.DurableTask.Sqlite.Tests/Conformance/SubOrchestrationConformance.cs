using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class SubOrchestrationConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    [Fact]
    public async Task Children_run_side_by_side_and_return_their_results()
    {
        var results = await OutputAsync<ParentOfMany, int[]>(4);

        Assert.Equal([2, 3, 4, 5], results);
    }

    [Fact]
    public async Task A_child_knows_its_parent_and_may_have_an_id_of_choice()
    {
        var ended = await RunAsync<ParentOfOne>();
        var child = await EndAsync($"{ended.InstanceId}:child");

        Assert.Equal($"{nameof(ParentOfOne)} {ended.InstanceId}", Output<string>(ended));
        Assert.Equal(nameof(TellsParent), child.Name);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, child.RuntimeStatus);
    }

    [Fact]
    public async Task An_orchestration_that_a_client_started_has_no_parent()
    {
        Assert.Equal("none", await OutputAsync<TellsParent, string>());
    }

    [Fact]
    public async Task A_failing_child_fails_the_call_with_its_reason()
    {
        Assert.Equal(
            new SeenFailure(nameof(Throws), typeof(FlakyException).FullName!, "on purpose", true, true, false),
            await OutputAsync<ParentOfFailing, SeenFailure>(nameof(Throws))
        );
    }

    [Fact]
    public async Task A_child_whose_activity_failed_fails_the_call_with_the_cause_inside()
    {
        var seen = await OutputAsync<ParentOfFailing, SeenFailure>(nameof(LetsFailuresThrough));

        Assert.Equal(nameof(LetsFailuresThrough), seen.Task);
        Assert.Contains("attempt 1 failed", seen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_child_fails_the_call()
    {
        var seen = await OutputAsync<ParentOfFailing, SeenFailure>("NoSuchOrchestrator");

        Assert.Equal("NoSuchOrchestrator", seen.Task);
        Assert.Contains("NoSuchOrchestrator", seen.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Throws), seen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_child_is_repeated_by_its_policy()
    {
        Assert.Equal(3, await OutputAsync<ParentThatRetries, int>(2));
    }

    [Fact]
    public async Task A_child_may_continue_as_new_and_still_answers_its_parent()
    {
        Assert.Equal("generation 3", await OutputAsync<ParentOfGenerations, string>());
    }
}

public sealed class SubOrchestrationsOnSqlite(EngineHosts hosts) : SubOrchestrationConformance<SqliteEngine>(hosts);

public sealed class SubOrchestrationsInMemory(EngineHosts hosts) : SubOrchestrationConformance<InMemoryEngine>(hosts);

public sealed class SubOrchestrationsOnAzureStorage(EngineHosts hosts)
    : SubOrchestrationConformance<AzureStorageEngine>(hosts);

internal sealed class AddsOne : TaskOrchestrator<int, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, int input) =>
        context.CallActivityAsync<int>(nameof(Increment), input);
}

internal sealed class ParentOfMany : TaskOrchestrator<int, int[]>
{
    public override Task<int[]> RunAsync(TaskOrchestrationContext context, int input) =>
        Task.WhenAll(Enumerable.Range(1, input).Select(n => context.CallSubOrchestratorAsync<int>(nameof(AddsOne), n)));
}

internal sealed class TellsParent : TaskOrchestrator<object?, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, object? input)
    {
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        return context.Parent is { } parent ? $"{parent.Name} {parent.InstanceId}" : "none";
    }
}

internal sealed class ParentOfOne : TaskOrchestrator<object?, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, object? input)
    {
        var options = new SubOrchestrationOptions(instanceId: $"{context.InstanceId}:child");
        return context.CallSubOrchestratorAsync<string>(nameof(TellsParent), null, options);
    }
}

internal sealed class ParentOfFailing : TaskOrchestrator<string, SeenFailure?>
{
    public override async Task<SeenFailure?> RunAsync(TaskOrchestrationContext context, string input)
    {
        try
        {
            await context.CallSubOrchestratorAsync<int>(input, 99);
            return null;
        }
        catch (TaskFailedException failed)
        {
            var details = failed.FailureDetails;
            return new SeenFailure(
                failed.TaskName,
                details.ErrorType,
                details.ErrorMessage,
                details.IsCausedBy<FlakyException>(),
                details.IsCausedBy<Exception>(),
                details.IsCausedBy<TimeoutException>()
            );
        }
    }
}

/// <summary>Its child fails as often as the input says: the attempts count by the parent, whose id the child gets.</summary>
internal sealed class ParentThatRetries : TaskOrchestrator<int, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, int input)
    {
        var policy = new RetryPolicy(maxNumberOfAttempts: 5, TimeSpan.FromMilliseconds(20));
        var child = new FlakyChildInput(context.InstanceId, input);
        return context.CallSubOrchestratorAsync<int>(nameof(FlakyChild), child, TaskOptions.FromRetryPolicy(policy));
    }
}

internal sealed record FlakyChildInput(string CountedAs, int Failures);

internal sealed class FlakyChild : TaskOrchestrator<FlakyChildInput, int>
{
    public override async Task<int> RunAsync(TaskOrchestrationContext context, FlakyChildInput input)
    {
        var attempt = await context.CallActivityAsync<int>(nameof(CountAttempt), input.CountedAs);
        return attempt <= input.Failures ? throw new FlakyException($"child {attempt} failed") : attempt;
    }
}

internal sealed class CountAttempt(Attempts attempts) : TaskActivity<string, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, string input) =>
        Task.FromResult(attempts.Next(input));
}

internal sealed class ParentOfGenerations : TaskOrchestrator<object?, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, object? input) =>
        context.CallSubOrchestratorAsync<string>(nameof(Generations), new Generation(0, 3));
}
