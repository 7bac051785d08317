using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;
using Leyden.DurableTask.Sqlite;
using Leyden.DurableTask.Sqlite.Hosting;
using Leyden.Local.BuiltIn;
using Leyden.Storage;

namespace Leyden.Local;

/// <summary>What <c>serve</c> and <c>generate</c> are made of: the core, its store, its engine and its backends, in one process.</summary>
internal static class LocalHost
{
    /// <summary>How long work in hand may take to finish when the process is asked to stop; what has not repeats after the next start.</summary>
    public static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(5);

    /// <summary>Registers everything that runs predictions.</summary>
    /// <param name="builder">A builder whose configuration is complete.</param>
    /// <param name="data">The data folder.</param>
    public static void AddLeyden(this IHostApplicationBuilder builder, DataFolder data)
    {
        var services = builder.Services;
        // What the host says about a failed start is thrown as well, and shown by whoever catches it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTime);
        services.AddRecords(builder.Configuration, data);
        services.AddDurableTaskJson(LeydenJson.Options);
        services.AddSqliteDurableTask(
            _ => new SqliteOrchestrationOptions { Path = data.Engine },
            tasks => tasks.AddLeydenTasks()
        );
        services.AddEachlabsBackend();
        services.AddContainerBackend(builder.Configuration);
        services.AddBuiltInBackend();
    }

    /// <summary>Opens the records without anything that runs predictions: works while another process does.</summary>
    public static ServiceProvider OpenRecords(IConfiguration configuration, DataFolder data)
    {
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddLogging();
        services.AddHttpClient();
        services.AddRecords(configuration, data);
        return services.BuildServiceProvider();
    }

    /// <summary>Starts a host.</summary>
    /// <exception cref="SetupException">A setting is wrong, or something that the host needs is taken.</exception>
    /// <exception cref="DatabaseInUseException">Another process runs the engine of this data folder.</exception>
    public static async Task StartAsync(IHost host, CancellationToken cancellationToken)
    {
        try
        {
            // Before the engine is opened, so that a wrong setting touches nothing.
            var backends = host.Services.GetRequiredService<BackendDirectory>();
            if (!backends.HasPreferred(out var error))
            {
                throw new SetupException($"Leyden:Backend names a backend that is not configured: {error.Message}");
            }

            await host.StartAsync(cancellationToken);
        }
        catch (Exception e) when (SetupFaults.Explain(e) is { } reason)
        {
            throw new SetupException(reason, e);
        }
    }

    private static void AddRecords(this IServiceCollection services, IConfiguration configuration, DataFolder data)
    {
        services.AddLeydenCore();
        services.AddObjectStore(configuration, data.Objects);
    }
}
