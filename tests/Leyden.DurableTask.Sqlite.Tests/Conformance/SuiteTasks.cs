using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>The orchestrators and activities of this suite: all that are declared in its namespace.</summary>
internal static class SuiteTasks
{
    public static void Register(DurableTaskRegistry registry)
    {
        var types = typeof(SuiteTasks)
            .Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, IsInterface: false });
        foreach (var type in types.Where(type => type.Namespace == typeof(SuiteTasks).Namespace))
        {
            if (type.IsAssignableTo(typeof(ITaskOrchestrator)))
            {
                registry.AddOrchestrator(type);
            }
            else if (type.IsAssignableTo(typeof(ITaskActivity)))
            {
                registry.AddActivity(type);
            }
        }
    }

    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Attempts>();
        services.AddSingleton<CallScopes>();
        services.AddSingleton<Recorder>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<Recorder>());
        services.AddScoped<CallScope>();
    }
}

/// <summary>Adds one: the activity of facts that are not about activities.</summary>
internal sealed class Increment : TaskActivity<int, int>
{
    public override Task<int> RunAsync(TaskActivityContext context, int input) => Task.FromResult(input + 1);
}

/// <summary>Returns its input.</summary>
internal sealed class EchoText : TaskActivity<string?, string?>
{
    public override Task<string?> RunAsync(TaskActivityContext context, string? input) => Task.FromResult(input);
}
