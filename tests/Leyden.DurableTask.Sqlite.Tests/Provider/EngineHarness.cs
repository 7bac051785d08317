using DurableTask.Core;
using DurableTask.Core.Query;

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
        if (_worker is not null)
        {
            await _worker.StopAsync(isForced: false);
            _worker.Dispose();
            _worker = null;
        }

        await Service.DisposeAsync();
        Service = null!;
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

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
        {
            await StopAsync();
        }

        _directory.Delete(recursive: true);
    }

    private sealed class Named<T>(Dictionary<string, Func<T>> creators) : INameVersionObjectManager<T>
    {
        public void Add(ObjectCreator<T> creator) => throw new NotSupportedException();

        public T? GetObject(string name, string? version) =>
            creators.TryGetValue(name, out var create) ? create() : default;
    }
}
