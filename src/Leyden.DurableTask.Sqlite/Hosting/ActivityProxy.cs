using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Shims;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>Runs an activity in a dependency-injection scope of its own, which ends with the call.</summary>
internal sealed class ActivityProxy(
    TaskName name,
    IDurableTaskFactory factory,
    IServiceProvider services,
    DurableTaskShimFactory shims
) : global::DurableTask.Core.TaskActivity
{
    public override string Run(TaskContext context, string input) =>
        throw new NotSupportedException("The framework runs activities by RunAsync.");

    public override async Task<string> RunAsync(TaskContext context, string input)
    {
        await using var scope = services.CreateAsyncScope();
        if (!factory.TryCreateActivity(name, scope.ServiceProvider, out var activity))
        {
            throw new InvalidOperationException(UnknownTask.Activity(name).ErrorMessage);
        }

        return await shims.CreateActivity(name, activity).RunAsync(context, input);
    }
}
