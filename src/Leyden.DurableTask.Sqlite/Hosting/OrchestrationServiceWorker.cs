using DurableTask.Core;
using DurableTask.Core.History;
using DurableTask.Core.Middleware;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Hosting;
using Microsoft.DurableTask.Worker.Shims;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using CoreActivity = DurableTask.Core.TaskActivity;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// Runs the orchestrators and activities of a <see cref="DurableTaskRegistry"/> in this process, on any
/// <see cref="IOrchestrationService"/>, by the framework's own <see cref="TaskHubWorker"/>.
/// </summary>
internal sealed partial class OrchestrationServiceWorker : DurableTaskWorker
{
    private readonly IOrchestrationService _engine;
    private readonly TaskHubWorker _hub;
    private readonly HashSet<string> _knownActivities;
    private readonly ILogger _logger;

    /// <exception cref="NotSupportedException">
    /// A name is registered in several versions, or the worker is told to match versions: the public API of the
    /// abstractions does not say which registration has which version.
    /// </exception>
    public OrchestrationServiceWorker(
        string name,
        IDurableTaskFactory factory,
        IOrchestrationService engine,
        IServiceProvider services,
        IOptionsMonitor<DurableTaskWorkerOptions> options,
        IOptionsMonitor<DurableTaskRegistry> registries,
        ILoggerFactory loggers
    )
        : base(name, factory)
    {
        var settings = options.Get(name);
        var registry = registries.Get(name);
        RefuseVersionedDispatch(settings, registry);

        _engine = engine;
        _logger = loggers.CreateLogger<OrchestrationServiceWorker>();
        _knownActivities = new HashSet<string>(
            registry.GetActivities().Select(activity => activity.Key.Name),
            StringComparer.OrdinalIgnoreCase
        );
        var shims = new DurableTaskShimFactory(settings, loggers);
        _hub = new TaskHubWorker(
            engine,
            new TaskObjects<TaskOrchestration>(task => new OrchestratorProxy(task, factory, services, shims)),
            new TaskObjects<CoreActivity>(task => new ActivityProxy(task, factory, services, shims)),
            loggers
        )
        {
            // Serialized exceptions would bring type names into the store, and lose failures of sub-orchestrations.
            ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails,
        };
        _hub.AddOrchestrationDispatcherMiddleware(IntroduceParentAsync);
        _hub.AddActivityDispatcherMiddleware(AnswerUnknownActivityAsync);
    }

    /// <summary>Prepares the store and begins to take work.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _engine.CreateIfNotExistsAsync();
        await _hub.StartAsync();
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Takes no new work and lets the work in hand finish, for about eight seconds at most or until the token is
    /// cancelled. What has not finished by then runs again after the next start.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await _hub.StopAsync(isForced: false).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.StoppedEarly(_logger);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _hub.Dispose();
        base.Dispose();
    }

    /// <summary>The dispatchers of the hub run by themselves.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;

    private static void RefuseVersionedDispatch(DurableTaskWorkerOptions settings, DurableTaskRegistry registry)
    {
        if (settings.Versioning is { MatchStrategy: not DurableTaskWorkerOptions.VersionMatchStrategy.None })
        {
            throw new NotSupportedException(
                "This worker takes orchestrations of every version: leave VersioningOptions.MatchStrategy at None and "
                    + "branch on TaskOrchestrationContext.Version."
            );
        }

        var names = registry
            .GetOrchestrators()
            .Select(task => task.Key.Name)
            .Concat(registry.GetActivities().Select(task => task.Key.Name));
        var repeated = names
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Skip(1).Any());
        if (repeated is not null)
        {
            throw new NotSupportedException(
                $"'{repeated.Key}' is registered more than once. This worker does not choose between versions of a "
                    + "task: register one and branch on TaskOrchestrationContext.Version."
            );
        }
    }

    private static Task IntroduceParentAsync(DispatchMiddlewareContext context, Func<Task> next)
    {
        if (
            context.GetProperty<TaskOrchestration>() is OrchestratorProxy proxy
            && context.GetProperty<OrchestrationRuntimeState>()?.ParentInstance is { } parent
        )
        {
            proxy.SetParent(parent);
        }

        return next();
    }

    private Task AnswerUnknownActivityAsync(DispatchMiddlewareContext context, Func<Task> next)
    {
        var call = context.GetProperty<TaskScheduledEvent>();
        if (call.Name is { } name && _knownActivities.Contains(name))
        {
            return next();
        }

        // An exception would be repeated by the dispatcher; an answer reaches the orchestrator.
        var failure = UnknownTask.Activity(call.Name);
        var answer = new TaskFailedEvent(-1, call.EventId, failure.ErrorMessage, null, failure);
        context.SetProperty(new ActivityExecutionResult { ResponseEvent = answer });
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Warning,
            "Stopped before all work in hand was finished; it runs again after the next start."
        )]
        public static partial void StoppedEarly(ILogger logger);
    }
}
