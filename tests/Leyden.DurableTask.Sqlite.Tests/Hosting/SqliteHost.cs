using System.Diagnostics.CodeAnalysis;
using Leyden.DurableTask.Sqlite.Hosting;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Leyden.DurableTask.Sqlite.Tests.Hosting;

/// <summary>A host as a program would build it, on a file in a folder that several hosts may use one after another.</summary>
internal sealed class SqliteHost : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _disposed;

    private SqliteHost(IHost host)
    {
        _host = host;
        Client = host.Services.GetRequiredService<DurableTaskClient>();
    }

    public DurableTaskClient Client { get; }

    public IServiceProvider Services => _host.Services;

    [SuppressMessage(
        "Reliability",
        "CA2000:Dispose objects before losing scope",
        Justification = "The returned object disposes the host."
    )]
    public static async Task<SqliteHost> StartAsync(
        string folder,
        Action<DurableTaskRegistry> tasks,
        Action<IServiceCollection>? configure = null
    )
    {
        var host = Build(folder, tasks, configure);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new SqliteHost(host);
    }

    /// <summary>A host that has not been started.</summary>
    public static IHost Build(
        string folder,
        Action<DurableTaskRegistry> tasks,
        Action<IServiceCollection>? configure = null
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.ConfigureContainer(
            new DefaultServiceProviderFactory(
                new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true }
            )
        );
        builder.Services.AddSqliteDurableTask(
            _ => new SqliteOrchestrationOptions { Path = Path.Combine(folder, "orchestrations.db") },
            tasks
        );
        configure?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Stops as a program does: bounded by the token.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("leyden-hosting-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
