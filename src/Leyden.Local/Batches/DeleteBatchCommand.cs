using System.CommandLine;
using Leyden.Batches;
using Leyden.Local.Records;
using Spectre.Console;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batches delete</c>.</summary>
internal static class DeleteBatchCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var id = BatchesCommand.IdArgument();
        var command = new Command(
            "delete",
            "Delete a batch that has ended, with its items and results; its predictions and their pictures stay."
        )
        {
            id,
            options.Owner,
            options.Data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    records => DeleteAsync(records, BatchesCommand.ReadId(parsed, id), terminal, cancellationToken)
                )
        );
        return command;
    }

    private static async Task<int> DeleteAsync(
        OwnerRecords records,
        BatchId id,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var service = records.Services.GetRequiredService<BatchService>();
        switch (await service.DeleteAsync(records.Owner, id, cancellationToken))
        {
            case true:
                terminal.Print($"Deleted {id}.");
                return ExitCodes.Ok;
            case false:
                terminal.Error.WriteLine("leyden: the batch has not ended: cancel it first, then delete it.");
                return ExitCodes.Failed;
            default:
                return BatchesCommand.NotFound(terminal, records, id);
        }
    }
}
