using Leyden.DurableTask.Sqlite;

namespace Leyden.Local.Generating;

/// <summary>The durable engine and all that it runs, in the process of one command, for as long as the command takes.</summary>
internal sealed class EmbeddedHost : IAsyncDisposable
{
    /// <summary>Nobody waits for the engine's dispatchers to notice that they are idle, which takes them a second.</summary>
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromMilliseconds(50);

    private readonly IHost _host;
    private readonly WarningLines _warnings;

    private EmbeddedHost(IHost host, WarningLines warnings)
    {
        _host = host;
        _warnings = warnings;
    }

    /// <summary>The services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts the host.</summary>
    /// <exception cref="SetupException">A setting is wrong.</exception>
    /// <exception cref="DatabaseInUseException">Another process runs the engine of this data folder.</exception>
    public static async Task<EmbeddedHost> StartAsync(
        DataFolder data,
        IConfigurationRoot configuration,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddConfiguration(configuration);
        var warnings = new WarningLines(terminal);
        builder.Logging.AddProvider(warnings);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.AddLeyden(data);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTime);
        var host = builder.Build();
        try
        {
            await LocalHost.StartAsync(host, cancellationToken);
            return new EmbeddedHost(host, warnings);
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _warnings.Mute(); // work that is cut off now is none of this command's, and goes on with the next start
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Instead of the console's lifetime: what a signal means is decided by the command.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
