using DurableTask.AzureStorage;
using DurableTask.Core;
using Leyden.DurableTask.Sqlite.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.Options;

namespace Leyden.FunctionsHost;

/// <summary>Orchestrators and activities, on the engine of Durable Functions: the Azure Storage task hub.</summary>
internal static class DurableTriggers
{
    /// <summary>Registers the task hub, a worker for the functions, and a client.</summary>
    public static void Add(IServiceCollection services, HostFile file, IReadOnlyList<FunctionMethod> functions)
    {
        services.AddSingleton(provider =>
        {
            var settings = file.TaskHub;
            settings.LoggerFactory = provider.GetRequiredService<ILoggerFactory>();
            return new AzureStorageOrchestrationService(settings);
        });
        services.AddSingleton<IOrchestrationService>(Engine);
        services.AddSingleton<IOrchestrationServiceClient>(Engine);
        services.AddSingleton<DataConverter>(provider => new WorkerConverter(
            provider.GetRequiredService<IOptions<WorkerOptions>>()
        ));
        services.AddDurableTaskWorker(worker =>
            worker.UseOrchestrationService().AddTasks(tasks => Add(tasks, functions))
        );
        services.AddDurableTaskClient(client => client.UseOrchestrationService());
    }

    private static AzureStorageOrchestrationService Engine(IServiceProvider services) =>
        services.GetRequiredService<AzureStorageOrchestrationService>();

    private static void Add(DurableTaskRegistry tasks, IReadOnlyList<FunctionMethod> functions)
    {
        foreach (var function in functions)
        {
            switch (function.Trigger)
            {
                case OrchestrationTriggerAttribute:
                    tasks.AddOrchestrator(function.Name, () => new Orchestrator(function));
                    break;
                case ActivityTriggerAttribute:
                    tasks.AddActivity(function.Name, services => new Activity(function, services));
                    break;
            }
        }
    }

    /// <summary>An orchestrator's second parameter is its input.</summary>
    private sealed class Orchestrator(FunctionMethod function) : ITaskOrchestrator
    {
        public Type InputType =>
            function.Method.GetParameters().SingleOrDefault(p => !function.IsTrigger(p))?.ParameterType
            ?? typeof(object);

        public Type OutputType => function.OutputType;

        public Task<object?> RunAsync(TaskOrchestrationContext context, object? input)
        {
            var data = function
                .Method.GetParameters()
                .Where(p => !function.IsTrigger(p))
                .ToDictionary(p => p.Name!, _ => input);
            return function.InvokeAsync(NoServices.Instance, context, data, CancellationToken.None);
        }
    }

    private sealed class Activity(FunctionMethod function, IServiceProvider services) : ITaskActivity
    {
        public Type InputType => function.Parameter.ParameterType;

        public Type OutputType => function.OutputType;

        public Task<object?> RunAsync(TaskActivityContext context, object? input) =>
            function.InvokeAsync(
                services,
                input,
                new Dictionary<string, object?> { ["instanceId"] = context.InstanceId },
                CancellationToken.None
            );
    }

    /// <summary>Orchestrators get no services: they are deterministic.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }

    /// <summary>JSON of inputs and outputs, by the serializer that the app gives to its worker.</summary>
    private sealed class WorkerConverter(IOptions<WorkerOptions> worker) : DataConverter
    {
        public override object? Deserialize(string? data, Type targetType)
        {
            if (data is null)
            {
                return null;
            }

            using var stream = BinaryData.FromString(data).ToStream();
            return worker.Value.Serializer!.Deserialize(stream, targetType, CancellationToken.None);
        }

        public override string? Serialize(object? value) =>
            value is null ? null : worker.Value.Serializer!.Serialize(value).ToString();
    }
}
