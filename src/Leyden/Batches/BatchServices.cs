using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Batches;

/// <summary>Puts batches into a host.</summary>
internal static class BatchServices
{
    /// <summary>Registers batches on top of predictions.</summary>
    public static void AddBatches(this IServiceCollection services)
    {
        services
            .AddOptions<BatchOptions>()
            .BindConfiguration(BatchOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchScheduler>();
        services.AddSingleton<BatchService>();
        services.AddSingleton<BatchSweeper>();
    }

    /// <summary>Registers the orchestrators and activities of batches with a durable worker.</summary>
    public static void AddBatchTasks(this DurableTaskRegistry registry)
    {
        registry.AddOrchestrator<BatchOrchestrator>();
        registry.AddOrchestrator<BatchLaneOrchestrator>();
        registry.AddActivity<AcceptBatchChunk>();
        registry.AddActivity<CollectBatchChunk>();
        registry.AddActivity<EndBatch>();
    }
}
