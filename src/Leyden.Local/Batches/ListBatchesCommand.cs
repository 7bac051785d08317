using System.CommandLine;
using System.Text.Json.Nodes;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Records;
using Leyden.Predictions;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batches list</c>.</summary>
internal static class ListBatchesCommand
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var limit = new Option<int>("--limit")
        {
            Description = $"The most batches to list, 1 to {MaxLimit}.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLimit,
        };
        var command = new Command(
            "list",
            "List batches, the newest first: lines with tabs between id, status, time, finished items and failures."
        )
        {
            limit,
            options.Owner,
            options.Data,
            options.Json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    async records =>
                    {
                        var found = await ReadAsync(records, parsed.GetValue(limit), cancellationToken);
                        Write(found, terminal, parsed.GetValue(options.Json));
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }

    private static async Task<List<Batch>> ReadAsync(
        OwnerRecords records,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > MaxLimit)
        {
            throw new UsageException([
                InputError.NotAllowed("--limit", $"{limit}", $"a whole number from 1 to {MaxLimit}"),
            ]);
        }

        var store = records.Services.GetRequiredService<BatchStore>();
        var found = new List<Batch>();
        for (BatchPage? page = null; found.Count < limit && (page is null || page.Cursor is not null); )
        {
            page = await store.ListAsync(records.Owner, page?.Cursor, limit - found.Count, cancellationToken);
            found.AddRange(page.Batches);
        }

        return found;
    }

    private static void Write(List<Batch> found, Terminal terminal, bool json)
    {
        if (!json)
        {
            found.ForEach(batch => terminal.Print(BatchesCommand.Line(batch)));
            return;
        }

        var items = new JsonArray([.. found.Select(batch => BatchDialect.Write(batch))]);
        terminal.Print(new JsonObject { ["batches"] = items }.ToJsonString(LeydenJson.Options));
    }
}
