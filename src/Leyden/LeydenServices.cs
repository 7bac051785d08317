using Leyden.Backends;
using Leyden.Batches;
using Leyden.Callbacks;
using Leyden.Intake;
using Leyden.Net;
using Leyden.Notifications;
using Leyden.Orchestration;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Telemetry;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Leyden;

/// <summary>What both hosts register of the core.</summary>
public static class LeydenServices
{
    /// <summary>Registers predictions and their orchestration. The host adds an object store, backends and a durable engine.</summary>
    public static IServiceCollection AddLeydenCore(this IServiceCollection services)
    {
        services
            .AddOptions<PredictionOptions>()
            .BindConfiguration(PredictionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<PublicAddressOptions>()
            .BindConfiguration(PublicAddressOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<DeploymentAddress>();
        services.AddSingleton<DeploymentSecret>();
        services.AddOptions<RoutingOptions>().BindConfiguration("Leyden").ValidateDataAnnotations().ValidateOnStart();
        services
            .AddOptions<RoutingRule>()
            .BindConfiguration(RoutingRule.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Randomness.Create());
        services.AddMetrics();
        services.AddSingleton<LeydenMetrics>();
        services.AddSingleton<CompareAndSwap>();
        services.AddSingleton<PredictionChanges>();
        services.AddSingleton<PredictionStore>();
        services.AddSingleton<PredictionWatcher>();
        services.AddSingleton<PredictionScheduler>();
        services.AddSingleton<PredictionAdmission>();
        services.AddSingleton<PredictionService>();
        services.AddSingleton<PredictionSweeper>();
        services.AddSingleton<Upkeep>();
        services.AddSingleton<PredictionEnding>();
        services.AddSingleton<CallbackTokens>();
        services.AddSingleton<CallbackAddress>();
        services.AddSingleton<CallbackLimiter>();
        services.AddSingleton<CallbackReceiver>();
        services.AddSingleton<BackendDirectory>();
        services.AddSingleton<BackendLedger>();
        services.AddSingleton<BackendHealthBook>();
        services.AddSingleton<SleepingBackends>();
        services.AddSingleton<BackendRouter>();
        services.AddSingleton<BackendObservation>();
        services.AddSingleton<BackendPlaces>();
        services.AddSingleton<RunPreparation>();
        services.AddSingleton<RunAftermath>();
        services.AddSingleton<RunEnding>();
        services.AddSingleton<RunProgress>();
        services.AddOutputFetching();
        services.AddSingleton<OutputCollector>();
        services.AddSingleton<PollSchedule>();
        services.AddNotifications();
        services.AddBatches();
        services.AddIntake();
        return services;
    }

    /// <summary>Registers the orchestrators and activities of the core with a durable worker.</summary>
    public static void AddLeydenTasks(this DurableTaskRegistry registry)
    {
        registry.AddOrchestrator<PredictionOrchestrator>();
        registry.AddActivity<SubmitPrediction>();
        registry.AddActivity<ObservePrediction>();
        registry.AddActivity<EndPrediction>();
        registry.AddActivity<ExecutePrediction>();
        registry.AddOrchestrator<DeliveryOrchestrator>();
        registry.AddActivity<DeliverEvent>();
        registry.AddBatchTasks();
    }
}
