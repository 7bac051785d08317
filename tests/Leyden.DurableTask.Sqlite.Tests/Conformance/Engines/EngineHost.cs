using DurableTask.Core;
using Leyden.DurableTask.Sqlite.Hosting;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>A running host: an engine, a worker for tasks, and a client.</summary>
public sealed class EngineHost : IAsyncDisposable
{
    private readonly OwnedEngine _engine;
    private readonly IHost _host;

    private EngineHost(OwnedEngine engine, IHost host)
    {
        _engine = engine;
        _host = host;
        Client = host.Services.GetRequiredService<DurableTaskClient>();
    }

    public DurableTaskClient Client { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a host; it owns the engine from now on.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="tasks">Registers what runs on it.</param>
    /// <param name="configure">Adds what the tasks need.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<EngineHost> StartAsync(
        OwnedEngine engine,
        Action<DurableTaskRegistry> tasks,
        Action<IServiceCollection>? configure,
        CancellationToken cancellationToken
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.ConfigureContainer(
            new DefaultServiceProviderFactory(
                new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true }
            )
        );
        builder.Services.AddSingleton(engine.Service);
        builder.Services.AddSingleton((IOrchestrationServiceClient)engine.Service);
        builder.Services.AddDurableTaskWorker(worker => worker.UseOrchestrationService().AddTasks(tasks));
        builder.Services.AddDurableTaskClient(client => client.UseOrchestrationService());
        configure?.Invoke(builder.Services);

        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new EngineHost(engine, host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _engine.ReleaseAsync();
    }
}
