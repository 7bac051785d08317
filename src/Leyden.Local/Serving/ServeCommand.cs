using System.CommandLine;
using Leyden.Backends;
using Leyden.DurableTask.Sqlite;
using Leyden.Local.BuiltIn;
using Leyden.Net;

namespace Leyden.Local.Serving;

/// <summary><c>leyden serve</c>: the HTTP API on this machine.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        var urls = new Option<string>("--urls")
        {
            Description =
                "Where to listen, several with semicolons between. An address that other machines reach needs keys: see leyden keys new.",
            HelpName = "URL",
            DefaultValueFactory = _ => ListenAddress.Default,
        };
        var data = CommonOptions.Data();
        var command = new Command(
            "serve",
            "Serve the HTTP API. Predictions that were running when the last server ended go on. Ctrl+C ends it; what runs goes on with the next start. "
                + ExitCodes.Help
        )
        {
            urls,
            data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                RunAsync(parsed.GetValue(urls)!, DataFolder.Find(parsed.GetValue(data)), terminal, cancellationToken)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        string urls,
        DataFolder data,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var configuration = LocalConfiguration.Read(data);
        var address = ListenAddress.Parse(urls);
        var hasKeys = LocalConfiguration.HasKeys(configuration);
        if (!address.IsLoopback && !hasKeys)
        {
            throw new SetupException(
                $"--urls {urls} can be reached from other machines, but no keys are set: make one with leyden keys new NAME and set Leyden__Keys__NAME, or listen on 127.0.0.1."
            );
        }

        data.Create();
        await using var app = ServerApp.Create(configuration, data, address);
        try
        {
            await LocalHost.StartAsync(app, cancellationToken);
        }
        catch (DatabaseInUseException e)
        {
            throw new SetupException(
                $"The data folder '{data.Path}' is in use by process {e.OwnerProcessId}: stop that one, or name another folder with --data.",
                e
            );
        }

        var here = ListenAddress.FromHere(app.Urls.First());
        app.Services.GetRequiredService<DeploymentAddress>().ListensAt(here);
        var server = new ServerFile(here, Environment.ProcessId, hasKeys);
        await server.WriteAsync(data, cancellationToken);
        try
        {
            WriteBanner(terminal, app, data, hasKeys);
            await app.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            ServerFile.Delete(data);
        }

        return ExitCodes.Ok;
    }

    private static void WriteBanner(Terminal terminal, WebApplication app, DataFolder data, bool hasKeys)
    {
        var version = typeof(ServeCommand).Assembly.GetName().Version?.ToString(3);
        terminal.Print($"leyden {version}");
        terminal.Print($"  address  {string.Join(", ", app.Urls)}");
        terminal.Print($"  data     {data.Path}");
        terminal.Print($"  backend  {string.Join(", ", app.Services.GetRequiredService<BackendDirectory>().Names)}");
        terminal.Print(
            hasKeys
                ? "  keys     needed, in X-API-Key or Authorization: Bearer"
                : "  keys     none: only programs on this machine may call"
        );
        if (
            app.Services.GetRequiredService<BackendDirectory>().Names.Contains(BuiltInBackend.BackendName)
            && app.Services.GetRequiredService<BuiltInModel>().Notice is { } notice
        )
        {
            terminal.Print(notice);
        }
    }
}
