using System.Globalization;
using DurableTask.Core;
using DurableTask.Core.Command;
using DurableTask.Core.History;
using DurableTask.Core.Query;
using Microsoft.Data.Sqlite;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>
/// A service on a database file of its own, run by Core's worker with orchestrations given as functions. Can be stopped and started again on the same
/// file, as a process would be.
/// </summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, Func<TaskActivity>> _activities = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("leyden-engine-");
    private readonly Dictionary<string, Func<TaskOrchestration>> _orchestrations = [];
    private TaskHubWorker? _worker;

    public string DatabasePath => Path.Combine(_directory.FullName, "engine.db");

    public int MaxDeliveryAttempts { get; init; } = SqliteOrchestrationOptions.DefaultMaxDeliveryAttempts;

    public long HistoryCacheBytes { get; init; } = SqliteOrchestrationOptions.DefaultHistoryCacheBytes;

    public SqliteOrchestrationService Service { get; private set; } = null!;

    public TaskHubClient Client { get; private set; } = null!;

    public IOrchestrationServiceQueryClient Queries => Service;

    public EngineHarness Orchestration(string name, Func<OrchestrationContext, string?, Task<string?>> body) =>
        Orchestration(name, () => new FunctionOrchestration(body));

    public EngineHarness Orchestration(string name, Func<TaskOrchestration> create)
    {
        _orchestrations.Add(name, create);
        return this;
    }

    public EngineHarness Activity(string name, Func<string?, Task<string?>> body)
    {
        _activities.Add(name, () => new FunctionActivity(body));
        return this;
    }

    /// <summary>Creates a service on the file without running a worker.</summary>
    public async Task<EngineHarness> OpenAsync()
    {
        Service = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions
            {
                Path = DatabasePath,
                MaxDeliveryAttempts = MaxDeliveryAttempts,
                HistoryCacheBytes = HistoryCacheBytes,
            }
        );
        Client = new TaskHubClient(Service);
        await Service.CreateIfNotExistsAsync();
        return this;
    }

    public async Task<EngineHarness> StartAsync()
    {
        if (Service is null)
        {
            await OpenAsync();
        }

        _worker = new TaskHubWorker(
            Service,
            new Named<TaskOrchestration>(_orchestrations),
            new Named<TaskActivity>(_activities)
        )
        {
            ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails,
        };
        await _worker.StartAsync();
        return this;
    }

    /// <summary>Stops the worker in order and closes the file.</summary>
    public async Task StopAsync()
    {
        await StopWorkerAsync();
        await Service.DisposeAsync();
        Service = null!;
    }

    /// <summary>Stops the worker in order; the service stays open.</summary>
    public async Task StopWorkerAsync()
    {
        if (_worker is not null)
        {
            await _worker.StopAsync(isForced: false);
            _worker.Dispose();
            _worker = null;
        }
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public Task<OrchestrationInstance> RunAsync(string name, string? input = null, string? id = null) =>
        Client.CreateOrchestrationInstanceAsync(name, "", id, input);

    /// <summary>Waits for the end of an instance; fails the test when it does not come.</summary>
    public async Task<OrchestrationState> ResultAsync(OrchestrationInstance instance)
    {
        var state = await Client.WaitForOrchestrationAsync(instance, Patience, TestContext.Current.CancellationToken);
        Assert.True(state is not null, $"Instance {instance.InstanceId} did not end.");
        return state;
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task<OrchestrationState> CompleteAsync(string name, string? input = null, string? id = null) =>
        await ResultAsync(await RunAsync(name, input, id));

    /// <summary>Raises an event for whichever generation of the instance is current.</summary>
    public Task RaiseAsync(string instanceId, string name, string input) =>
        Client.RaiseEventAsync(new OrchestrationInstance { InstanceId = instanceId }, name, input);

    /// <summary>Waits until a condition on the state of an instance holds.</summary>
    public async Task<OrchestrationState> UntilAsync(string instanceId, Func<OrchestrationState, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await Client.GetOrchestrationStateAsync(instanceId) is { } state && condition(state))
            {
                return state;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits until a condition on the stored history of an instance holds.</summary>
    public async Task UntilHistoryAsync(string instanceId, Func<string, bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition(await Service.GetOrchestrationHistoryAsync(instanceId, null)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Counts the rows of a table, over a connection of its own.</summary>
    public Task<long> RowsAsync(string table) => ScalarAsync($"SELECT COUNT(*) FROM {table}");

    /// <summary>Reads one number, over a connection of its own.</summary>
    public async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(
            await command.ExecuteScalarAsync(TestContext.Current.CancellationToken),
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>Changes the file behind the engine's back; only while it is closed.</summary>
    public Task ExecuteAsync(string sql) => ScalarAsync($"{sql}; SELECT 0");

    /// <summary>
    /// Executes one turn by hand and completes it as the dispatcher would, for tests in which no worker may take what the turn schedules.
    /// Knows turns that schedule activities or sub-orchestrations.
    /// </summary>
    public Task RunTurnAsync(TaskOrchestrationWorkItem item)
    {
        var state = item.OrchestrationRuntimeState;
        state.AddEvent(new OrchestratorStartedEvent(-1));
        foreach (var message in item.NewMessages)
        {
            state.AddEvent(message.Event);
        }

        var actions = new TaskOrchestrationExecutor(
            state,
            _orchestrations[state.Name](),
            BehaviorOnContinueAsNew.Carryover,
            ErrorPropagationMode.UseFailureDetails
        )
            .Execute()
            .Actions;
        var activities = new List<TaskMessage>();
        var orchestrations = new List<TaskMessage>();
        foreach (var action in actions)
        {
            if (action is ScheduleTaskOrchestratorAction task)
            {
                var scheduled = new TaskScheduledEvent(task.Id, task.Name!, task.Version, task.Input);
                state.AddEvent(scheduled);
                activities.Add(
                    new TaskMessage { OrchestrationInstance = state.OrchestrationInstance, Event = scheduled }
                );
            }
            else
            {
                var sub = Assert.IsType<CreateSubOrchestrationAction>(action);
                state.AddEvent(
                    new SubOrchestrationInstanceCreatedEvent(sub.Id) { Name = sub.Name, InstanceId = sub.InstanceId }
                );
                orchestrations.Add(StartOf(sub, state));
            }
        }

        state.AddEvent(new OrchestratorCompletedEvent(-1));
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return Service.CompleteTaskOrchestrationWorkItemAsync(
            item,
            state,
            activities,
            orchestrations,
            [],
            null!,
            new OrchestrationState
            {
                OrchestrationInstance = state.OrchestrationInstance,
                OrchestrationStatus = OrchestrationStatus.Running,
                Name = state.Name,
                CreatedTime = now,
                LastUpdatedTime = now,
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
        {
            await StopAsync();
        }

        _directory.Delete(recursive: true);
    }

    private static TaskMessage StartOf(CreateSubOrchestrationAction action, OrchestrationRuntimeState parent)
    {
        var child = new OrchestrationInstance
        {
            InstanceId = action.InstanceId,
            ExecutionId = $"{action.InstanceId}-1",
        };
        return new TaskMessage
        {
            OrchestrationInstance = child,
            Event = new ExecutionStartedEvent(-1, action.Input)
            {
                OrchestrationInstance = child,
                Name = action.Name,
                ParentInstance = new ParentInstance
                {
                    Name = parent.Name,
                    OrchestrationInstance = parent.OrchestrationInstance,
                    TaskScheduleId = action.Id,
                },
            },
        };
    }

    private sealed class Named<T>(Dictionary<string, Func<T>> creators) : INameVersionObjectManager<T>
    {
        public void Add(ObjectCreator<T> creator) => throw new NotSupportedException();

        public T? GetObject(string name, string? version) =>
            creators.TryGetValue(name, out var create) ? create() : default;
    }
}
