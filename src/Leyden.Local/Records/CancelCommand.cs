using System.CommandLine;
using Leyden.Local.Serving;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions cancel</c>: notes the wish in the record, which the host that runs the prediction follows.</summary>
internal static class CancelCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var command = new Command("cancel", "Ask to cancel a prediction. Whatever runs it follows at its next step.")
        {
            options.Id,
            options.Owner,
            options.Data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    records => CancelAsync(records, options.ReadId(parsed), terminal, cancellationToken)
                )
        );
        return command;
    }

    private static async Task<int> CancelAsync(
        OwnerRecords records,
        PredictionId id,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var now = records.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var prediction = await records.Store.ChangeAsync(
            records.Owner,
            id,
            p => p.CancelRequestedAt is null ? p with { CancelRequestedAt = now } : null,
            cancellationToken
        );
        if (prediction is null)
        {
            return ShowCommand.NotFound(terminal, records, id);
        }

        if (prediction.Status.IsTerminal())
        {
            terminal.Error.WriteLine(
                $"leyden: too late to cancel: the prediction has ended ({PredictionText.Word(prediction.Status)})."
            );
            return prediction.Status == PredictionStatus.Canceled ? ExitCodes.Ok : ExitCodes.Failed;
        }

        var clients = records.Services.GetRequiredService<IHttpClientFactory>();
        var server = await new RunningServer(clients, TimeProvider.System).FindAsync(
            records.Data,
            TimeSpan.Zero,
            cancellationToken
        );
        terminal.Print(
            server is null
                ? "The cancel is noted. No server runs: the next leyden serve or generate follows it."
                : "The cancel is noted; the server follows it at the prediction's next step."
        );
        return ExitCodes.Ok;
    }
}
