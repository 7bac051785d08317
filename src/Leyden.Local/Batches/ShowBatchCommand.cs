using System.CommandLine;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Records;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batches show</c>.</summary>
internal static class ShowBatchCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var id = BatchesCommand.IdArgument();
        var command = new Command(
            "show",
            "Tell how far one batch is and, in a line for each item that has ended, its index, status, prediction and error."
        )
        {
            id,
            options.Owner,
            options.Data,
            options.Json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    records =>
                        ShowAsync(
                            records,
                            BatchesCommand.ReadId(parsed, id),
                            terminal,
                            parsed.GetValue(options.Json),
                            cancellationToken
                        )
                )
        );
        return command;
    }

    private static async Task<int> ShowAsync(
        OwnerRecords records,
        BatchId id,
        Terminal terminal,
        bool json,
        CancellationToken cancellationToken
    )
    {
        var store = records.Services.GetRequiredService<BatchStore>();
        if (await store.FindAsync(records.Owner, id, cancellationToken) is not { } batch)
        {
            return BatchesCommand.NotFound(terminal, records, id);
        }

        if (json)
        {
            terminal.Print(BatchDialect.Write(batch).ToJsonString(LeydenJson.Options));
            return ExitCodes.Ok;
        }

        terminal.Print(BatchesCommand.Line(batch));
        await foreach (var result in store.ReadResultsAsync(batch, from: 0, cancellationToken))
        {
            var status = PredictionText.Word(result.Status);
            terminal.Print(string.Join('\t', result.Index, status, result.Id, result.Failure?.Message));
        }

        return ExitCodes.Ok;
    }
}
