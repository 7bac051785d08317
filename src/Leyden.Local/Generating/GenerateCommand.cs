using System.CommandLine;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary><c>leyden generate</c>: prompts in, picture files out, through the same durable path as every other caller.</summary>
internal static class GenerateCommand
{
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

        await using var session = await SessionOpener.OpenAsync<IPredictionSession>(
            data,
            configuration,
            terminal,
            host => new LocalSession(host),
            RemoteSession.Open,
            stop.Asked
        );
        IProgressDisplay progress = terminal.IsLive
            ? new LiveProgress(terminal, request.Predictions.Count)
            : new PlainProgress(terminal, request.Predictions.Count, TimeProvider.System);
        var run = new GenerateRun(session, request, progress, TimeProvider.System, stop.Asked);
        var results = await progress.ShowAsync(run.RunAsync);
        var report = new GenerateReport(results, stop.Asked.IsCancellationRequested);
        report.Write(terminal, parsed.GetValue(options.Json));
        return report.ExitCode;
    }
}
