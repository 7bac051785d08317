using System.CommandLine;
using Leyden.DurableTask.Sqlite;
using Leyden.Local.Serving;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary><c>leyden generate</c>: prompts in, picture files out, through the same durable path as every other caller.</summary>
internal static class GenerateCommand
{
    private static readonly TimeSpan ServerStartTime = TimeSpan.FromSeconds(4);

    public static Command Create(Terminal terminal)
    {
        var options = new GenerateOptions();
        var command = new Command(
            "generate",
            "Make pictures and write them as PNG files, named leyden-ID-N.png. Prints path, seed, seconds and cost of each. "
                + "Ctrl+C cancels the predictions; a second one leaves at once. "
                + ExitCodes.Help
        );
        options.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(options, parsed, terminal));
        return command;
    }

    private static async Task<int> RunAsync(GenerateOptions options, ParseResult parsed, Terminal terminal)
    {
        using var stop = new StopSignal(terminal.RestoreCursor);
        var data = DataFolder.Find(parsed.GetValue(options.Data));
        var configuration = LocalConfiguration.Read(data);
        var limits = LocalConfiguration.Read<PredictionOptions>(configuration, PredictionOptions.Section);
        var request = GenerateRequest.Read(options, parsed, limits);
        data.Create();

        await using var session = await OpenAsync(data, configuration, terminal, stop.Asked);
        IProgressDisplay progress = terminal.IsLive
            ? new LiveProgress(terminal, request.Predictions.Count)
            : new PlainProgress(terminal, request.Predictions.Count, TimeProvider.System);
        var run = new GenerateRun(session, request, progress, TimeProvider.System, stop.Asked);
        var results = await progress.ShowAsync(run.RunAsync);
        var report = new GenerateReport(results, stop.Asked.IsCancellationRequested);
        report.Write(terminal, parsed.GetValue(options.Json));
        return report.ExitCode;
    }

    private static async Task<IPredictionSession> OpenAsync(
        DataFolder data,
        IConfigurationRoot configuration,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await LocalSession.OpenAsync(data, configuration, terminal, cancellationToken);
        }
        catch (DatabaseInUseException e)
        {
            return await FindServerAsync(data, configuration, cancellationToken)
                ?? throw new SetupException(
                    $"The data folder '{data.Path}' is in use by process {e.OwnerProcessId}: wait for it, or name another folder with --data.",
                    e
                );
        }
    }

    /// <summary>Whoever owns the engine may be a server, and then it can run the predictions.</summary>
    private static async Task<IPredictionSession?> FindServerAsync(
        DataFolder data,
        IConfiguration configuration,
        CancellationToken cancellationToken
    )
    {
        await using var services = LocalHost.OpenRecords(configuration, data);
        var clients = services.GetRequiredService<IHttpClientFactory>();
        var server = await new RunningServer(clients, TimeProvider.System).FindAsync(
            data,
            ServerStartTime,
            cancellationToken
        );
        return server is null ? null : RemoteSession.Open(server, clients.CreateClient());
    }
}
