using System.CommandLine;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions list</c>.</summary>
internal static class ListCommand
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 10_000;
    private const int PageSize = 100;
    private const int NarrowBelow = 100;
    private static readonly string[] Names = ["id", "status", "accepted", "seconds", "backend", "prompt"];

    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var limit = new Option<int>("--limit")
        {
            Description = $"The most predictions to list, 1 to {MaxLimit}.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLimit,
        };
        var command = new Command(
            "list",
            "List predictions, the newest first: a table on a terminal, else lines with tabs between id, status, time, seconds, backend and prompt."
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
                        Write(found, records, terminal, parsed.GetValue(options.Json));
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }

    private static async Task<IReadOnlyList<Prediction>> ReadAsync(
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

        var found = new List<Prediction>();
        for (PredictionPage? page = null; found.Count < limit && (page is null || page.Cursor is not null); )
        {
            var size = Math.Min(limit - found.Count, PageSize);
            page = await records.Store.ListAsync(records.Owner, page?.Cursor, size, cancellationToken);
            found.AddRange(page.Predictions);
        }

        return found;
    }

    private static void Write(IReadOnlyList<Prediction> found, OwnerRecords records, Terminal terminal, bool json)
    {
        if (json)
        {
            var items = new JsonArray([.. found.Select(p => PredictionText.ToJson(p, records.Data))]);
            terminal.Print(new JsonObject { ["predictions"] = items }.ToJsonString(LeydenJson.Options));
        }
        else if (!terminal.HasReader)
        {
            foreach (var prediction in found)
            {
                terminal.Print(string.Join('\t', Columns(prediction)));
            }
        }
        else if (found.Count == 0)
        {
            terminal.Error.WriteLine($"There are no predictions of {records.Owner} in {records.Data.Path}.");
        }
        else
        {
            terminal.Out.Write(Table(found, terminal.Out.Profile.Width < NarrowBelow));
        }
    }

    private static Table Table(IReadOnlyList<Prediction> found, bool isNarrow)
    {
        var table = new Table().Border(TableBorder.None);
        // Only the prompt may be broken; on a narrow terminal the columns before it would leave it no room.
        int[] shown = isNarrow ? [0, 1, 5] : [0, 1, 2, 3, 4, 5];
        foreach (var column in shown)
        {
            table.AddColumn(new TableColumn($"[dim]{Names[column]}[/]") { NoWrap = column != shown[^1] });
        }

        foreach (var prediction in found)
        {
            var columns = Columns(prediction).Select(Markup.Escape).ToArray();
            columns[1] = $"[{Color(prediction.Status)}]{columns[1]}[/]";
            columns[^1] = Markup.Escape(InputError.Shorten(PredictionText.Prompt(prediction)));
            table.AddRow([.. shown.Select(column => columns[column])]);
        }

        return table;
    }

    private static string[] Columns(Prediction prediction) =>
        [
            prediction.Id.Value,
            PredictionText.Word(prediction.Status),
            PredictionText.Moment(prediction.CreatedAt),
            PredictionText.Seconds(prediction.CompletedAt - prediction.CreatedAt),
            prediction.Backend,
            PredictionText.Prompt(prediction),
        ];

    private static string Color(PredictionStatus status) =>
        status switch
        {
            PredictionStatus.Succeeded => "green",
            PredictionStatus.Failed => "red",
            PredictionStatus.Canceled => "grey",
            _ => "yellow",
        };
}
