using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>Adds durable orchestrations on a SQLite file: engine, worker and client.</summary>
public static class SqliteDurableTaskServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="SqliteOrchestrationService"/> (as itself and as the framework's interfaces), a hosted worker for
    /// <paramref name="tasks"/>, and a <see cref="DurableTaskClient"/>. The clock is the registered
    /// <see cref="TimeProvider"/>, or the system's. The file is opened when the host starts.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Makes the engine's settings; called once.</param>
    /// <param name="tasks">Registers orchestrators and activities.</param>
    /// <remarks>
    /// The file is given up when the service provider is disposed, asynchronously as hosts do, after the worker has
    /// stopped.
    /// </remarks>
    public static IServiceCollection AddSqliteDurableTask(
        this IServiceCollection services,
        Func<IServiceProvider, SqliteOrchestrationOptions> options,
        Action<DurableTaskRegistry> tasks
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tasks);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new SqliteOrchestrationService(
            options(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()
        ));
        services.AddSingleton<IOrchestrationService>(Engine);
        services.AddSingleton<IOrchestrationServiceClient>(Engine);
        services.AddDurableTaskWorker(worker => worker.UseOrchestrationService().AddTasks(tasks));
        services.AddDurableTaskClient(client => client.UseOrchestrationService());
        return services;

        static SqliteOrchestrationService Engine(IServiceProvider provider) =>
            provider.GetRequiredService<SqliteOrchestrationService>();
    }
}
