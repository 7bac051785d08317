using DurableTask.Core;

namespace Leyden.Benchmarks.Engine;

/// <summary>The work of the benchmark: three activities in sequence, each of which does nothing, so that only the engine is measured.</summary>
internal sealed class ThreeActivities : TaskOrchestration<int, int>
{
    public override async Task<int> RunTask(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 3; i++)
        {
            input = await context.ScheduleTask<int>(typeof(AddOne), input);
        }

        return input;
    }
}

internal sealed class AddOne : TaskActivity<int, int>
{
    protected override int Execute(TaskContext context, int input) => input + 1;
}

/// <summary>As <see cref="ThreeActivities"/>, with activities that take a while, as real ones do.</summary>
internal sealed class ThreeSlowActivities : TaskOrchestration<int, int>
{
    public override async Task<int> RunTask(OrchestrationContext context, int input)
    {
        for (var i = 0; i < 3; i++)
        {
            input = await context.ScheduleTask<int>(typeof(SlowAddOne), input);
        }

        return input;
    }
}

internal sealed class SlowAddOne : AsyncTaskActivity<int, int>
{
    public const int Milliseconds = 10;

    protected override async Task<int> ExecuteAsync(TaskContext context, int input)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(Milliseconds), TimeProvider.System, CancellationToken.None);
        return input + 1;
    }
}

/// <summary>Sleeps for a day: an instance that only takes up room.</summary>
internal sealed class Sleeper : TaskOrchestration<int, int>
{
    public override Task<int> RunTask(OrchestrationContext context, int input) =>
        context.CreateTimer(context.CurrentUtcDateTime.AddDays(1), input);
}
