using System.CommandLine;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Records;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batches</c>: looks at and changes the records of batches, also while a server runs.</summary>
internal static class BatchesCommand
{
    public static Command Create(Terminal terminal) =>
        new("batches", "See, cancel and delete batches.")
        {
            ListBatchesCommand.Create(terminal),
            ShowBatchCommand.Create(terminal),
            CancelBatchCommand.Create(terminal),
            DeleteBatchCommand.Create(terminal),
        };

    /// <summary>The id that a command is about.</summary>
    public static Argument<string> IdArgument() => new("id") { Description = "The batch's id." };

    /// <summary>Reads the id.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static BatchId ReadId(ParseResult parsed, Argument<string> argument) =>
        BatchId.TryParse(parsed.GetValue(argument), out var id)
            ? id
            : throw new UsageException([
                InputError.NotAllowed(
                    "id",
                    InputError.Shorten(parsed.GetValue(argument)!),
                    "a batch's id: 26 letters and digits, as leyden batches list shows them"
                ),
            ]);

    /// <summary>Says that there is no such batch.</summary>
    public static int NotFound(Terminal terminal, OwnerRecords records, BatchId id)
    {
        terminal.Error.WriteLine($"leyden: {records.Owner} has no batch {id} in {records.Data.Path}.");
        return ExitCodes.Failed;
    }

    /// <summary>id, status, time, finished of total, failed.</summary>
    public static string Line(Batch batch)
    {
        var counts = batch.Counts;
        return string.Join(
            '\t',
            batch.Id,
            BatchDialect.StatusWord(batch.Status),
            PredictionText.Moment(batch.CreatedAt),
            $"{counts.Finished} of {counts.Total}",
            $"{counts.Failed} failed"
        );
    }
}
