using Microsoft.DurableTask;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

internal sealed class FlakyException(string message) : Exception(message);

/// <summary>Fails as often as its input says, then returns which attempt succeeded.</summary>
internal sealed class FlakyActivity(Attempts attempts) : TaskActivity<int, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, int input)
    {
        var attempt = attempts.Next(context.InstanceId);
        return attempt <= input ? throw new FlakyException($"attempt {attempt} failed") : Task.FromResult(attempt);
    }
}

internal sealed class WhoAmI : TaskActivity<object?, string>
{
    public override Task<string> RunAsync(TaskActivityContext context, object? input) =>
        Task.FromResult($"{context.Name} of {context.InstanceId}");
}

/// <summary>Returns the number of the scope that it runs in.</summary>
internal sealed class ScopedActivity(CallScope scope) : TaskActivity<object?, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, object? input) => Task.FromResult(scope.Number);
}

internal sealed class FanOut : TaskOrchestrator<int, int[]>
{
    public override Task<int[]> RunAsync(TaskOrchestrationContext context, int input) =>
        Task.WhenAll(
            Enumerable.Range(0, input).Select(number => context.CallActivityAsync<int>(nameof(Increment), number))
        );
}

internal sealed class RetriesByPolicy : TaskOrchestrator<int, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, int input)
    {
        var policy = new RetryPolicy(maxNumberOfAttempts: 5, TimeSpan.FromMilliseconds(20), backoffCoefficient: 1.5)
        {
            HandleFailure = failure => failure.IsCausedBy<FlakyException>(),
        };
        return context.CallActivityAsync<int>(nameof(FlakyActivity), input, TaskOptions.FromRetryPolicy(policy));
    }
}

internal sealed class RefusesToRetry : TaskOrchestrator<int, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, int input)
    {
        var policy = new RetryPolicy(maxNumberOfAttempts: 5, TimeSpan.FromMilliseconds(20))
        {
            HandleFailure = failure => failure.IsCausedBy<TimeoutException>(),
        };
        try
        {
            var options = TaskOptions.FromRetryPolicy(policy);
            return $"{await context.CallActivityAsync<int>(nameof(FlakyActivity), input, options)}";
        }
        catch (TaskFailedException failed)
        {
            return $"{failed.TaskName}: {failed.FailureDetails.ErrorMessage}";
        }
    }
}

internal sealed class RetriesByHandler : TaskOrchestrator<int, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, int input)
    {
        var options = TaskOptions.FromRetryHandler(last =>
            last.LastAttemptNumber < 5 && last.LastFailure.ErrorMessage == $"attempt {last.LastAttemptNumber} failed"
        );
        return context.CallActivityAsync<int>(nameof(FlakyActivity), input, options);
    }
}

internal sealed record SeenFailure(
    string Task,
    string ErrorType,
    string Message,
    bool CausedByItself,
    bool CausedByItsBase,
    bool CausedByAnother
);

internal sealed class SeesFailure : TaskOrchestrator<int, SeenFailure?>
{
    public override async Task<SeenFailure?> RunAsync(TaskOrchestrationContext context, int input)
    {
        try
        {
            await context.CallActivityAsync<int>(nameof(FlakyActivity), input);
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

internal sealed class LetsFailuresThrough : TaskOrchestrator<int, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, int input) =>
        context.CallActivityAsync<int>(nameof(FlakyActivity), input);
}

internal sealed class Throws : TaskOrchestrator<object?, int>
{
    public override Task<int> RunAsync(TaskOrchestrationContext context, object? input) =>
        throw new FlakyException("on purpose");
}

internal sealed class CallsActivity : TaskOrchestrator<string, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, string input)
    {
        try
        {
            // A retry policy must not repeat this: nobody will register the activity meanwhile.
            var policy = new RetryPolicy(maxNumberOfAttempts: 3, TimeSpan.FromHours(1));
            return await context.CallActivityAsync<string>(input, 1, TaskOptions.FromRetryPolicy(policy));
        }
        catch (TaskFailedException failed)
        {
            return failed.FailureDetails.ErrorMessage;
        }
    }
}

internal sealed class AsksWhoIsThere : TaskOrchestrator<object?, string>
{
    public override Task<string> RunAsync(TaskOrchestrationContext context, object? input) =>
        context.CallActivityAsync<string>(nameof(WhoAmI));
}

internal sealed class CallsScoped : TaskOrchestrator<int, int[]>
{
    public override async Task<int[]> RunAsync(TaskOrchestrationContext context, int input)
    {
        var numbers = new int[input];
        for (var call = 0; call < input; call++)
        {
            numbers[call] = await context.CallActivityAsync<int>(nameof(ScopedActivity));
        }

        return numbers;
    }
}
