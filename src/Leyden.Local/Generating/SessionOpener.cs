using Leyden.DurableTask.Sqlite;
using Leyden.Local.Serving;

namespace Leyden.Local.Generating;

/// <summary>Finds out where work can run: in this process or, when another owns the data folder's engine, in that one.</summary>
internal static class SessionOpener
{
    private static readonly TimeSpan ServerStartTime = TimeSpan.FromSeconds(4);

    /// <summary>Opens a session.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="terminal">For what the engine warns of.</param>
    /// <param name="embedded">Makes the session of this process, which disposes the host.</param>
    /// <param name="remote">Makes the session with a server.</param>
    /// <param name="cancellationToken">Stops opening.</param>
    /// <exception cref="SetupException">A setting is wrong, or the engine is owned by a process that is no server.</exception>
    public static async Task<T> OpenAsync<T>(
        DataFolder data,
        IConfigurationRoot configuration,
        Terminal terminal,
        Func<EmbeddedHost, T> embedded,
        Func<ServerFile, HttpClient, T> remote,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return embedded(await EmbeddedHost.StartAsync(data, configuration, terminal, cancellationToken));
        }
        catch (DatabaseInUseException e)
        {
            await using var services = LocalHost.OpenRecords(configuration, data);
            var clients = services.GetRequiredService<IHttpClientFactory>();
            var server = await new RunningServer(clients, TimeProvider.System).FindAsync(
                data,
                ServerStartTime,
                cancellationToken
            );
            return server is null
                ? throw new SetupException(
                    $"The data folder '{data.Path}' is in use by process {e.OwnerProcessId}: wait for it, or name another folder with --data.",
                    e
                )
                : remote(server, clients.CreateClient());
        }
    }
}
