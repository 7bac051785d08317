using System.CommandLine;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Records;
using Spectre.Console;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batches cancel</c>: notes the wish in the record, which the host that runs the batch follows.</summary>
internal static class CancelBatchCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var id = BatchesCommand.IdArgument();
        var command = new Command("cancel", "Ask to cancel a batch. Whatever runs it follows within a minute.")
        {
            id,
            options.Owner,
            options.Data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    records => CancelAsync(records, BatchesCommand.ReadId(parsed, id), terminal, cancellationToken)
                )
        );
        return command;
    }

    private static async Task<int> CancelAsync(
        OwnerRecords records,
        BatchId id,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var service = records.Services.GetRequiredService<BatchService>();
        if (await service.NoteCancelAsync(records.Owner, id, cancellationToken) is not { } batch)
        {
            return BatchesCommand.NotFound(terminal, records, id);
        }

        if (batch.Status == BatchStatus.Processing)
        {
            terminal.Print("The cancel is noted; what runs the batch follows it within a minute.");
            return ExitCodes.Ok;
        }

        terminal.Error.WriteLine(
            $"leyden: too late to cancel: the batch has ended ({BatchDialect.StatusWord(batch.Status)})."
        );
        return batch.Status == BatchStatus.Canceled ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
