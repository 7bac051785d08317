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
            terminal.Out.WriteLine(new JsonObject { ["predictions"] = items }.ToJsonString(LeydenJson.Options));
        }
        else if (!terminal.HasReader)
        {
            foreach (var prediction in found)
            {
                terminal.Out.WriteLine(string.Join('\t', Columns(prediction)));
            }
        }
        else if (found.Count == 0)
        {
            terminal.Error.WriteLine($"There are no predictions of {records.Owner} in {records.Data.Path}.");
        }
        else
        {
            terminal.Out.Write(Table(found));
        }
    }

    private static Table Table(IReadOnlyList<Prediction> found)
    {
        var table = new Table().Border(TableBorder.None);
        table.AddColumn(new TableColumn("[dim]id[/]").NoWrap());
        table.AddColumn(new TableColumn("[dim]status[/]").NoWrap());
        table.AddColumn(new TableColumn("[dim]accepted[/]").NoWrap());
        table.AddColumn(new TableColumn("[dim]seconds[/]").NoWrap().RightAligned());
        table.AddColumn(new TableColumn("[dim]backend[/]").NoWrap());
        table.AddColumn("[dim]prompt[/]");
        foreach (var prediction in found)
        {
            var columns = Columns(prediction).Select(Markup.Escape).ToArray();
            columns[1] = $"[{Color(prediction.Status)}]{columns[1]}[/]";
            columns[^1] = Markup.Escape(InputError.Shorten(PredictionText.Prompt(prediction)));
            table.AddRow(columns);
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
