using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Api.Webhooks;
using Leyden.Local.Records;
using Leyden.Notifications;
using Spectre.Console;

namespace Leyden.Local.Webhooks;

/// <summary><c>leyden webhooks list</c>: the deliveries of one prediction.</summary>
internal static class DeliveriesCommand
{
    private static readonly string[] Names = ["target", "event", "state", "attempts", "last answer", "next attempt"];

    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var command = new Command(
            "list",
            "List who was told what of a prediction: a table on a terminal, else lines with tabs between target, event, state, attempts, last answer and next attempt."
        )
        {
            options.Id,
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
                        var id = options.ReadId(parsed);
                        var service = records.Services.GetRequiredService<DeliveryService>();
                        if (await service.ListAsync(records.Owner, id, cancellationToken) is not { } logs)
                        {
                            return ShowCommand.NotFound(terminal, records, id);
                        }

                        Write(logs, terminal, parsed.GetValue(options.Json));
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }

    private static void Write(IReadOnlyList<DeliveryLog> logs, Terminal terminal, bool json)
    {
        if (json)
        {
            var all = new JsonArray([.. logs.Select(DeliveryJson.Write)]);
            terminal.Print(new JsonObject { ["deliveries"] = all }.ToJsonString(LeydenJson.Options));
            return;
        }

        var rows = logs.SelectMany(log => log.Entries.Select(entry => Columns(log, entry))).ToList();
        if (!terminal.HasReader)
        {
            rows.ForEach(row => terminal.Print(string.Join('\t', row)));
        }
        else if (rows.Count == 0)
        {
            terminal.Error.WriteLine("Nobody is told of this prediction.");
        }
        else
        {
            var table = new Table().Border(TableBorder.None);
            table.AddColumns([.. Names.Select(name => $"[dim]{name}[/]")]);
            rows.ForEach(row => table.AddRow([.. row.Select(Markup.Escape)]));
            terminal.Out.Write(table);
        }
    }

    private static string[] Columns(DeliveryLog log, DeliveryEntry entry)
    {
        var last = entry.Attempts is [.., var latest] ? latest : null;
        return
        [
            log.Target,
            entry.Event.Word(),
            DeliveryJson.Word(entry.State),
            entry.AttemptCount.ToString(CultureInfo.InvariantCulture),
            last?.Status?.ToString(CultureInfo.InvariantCulture) ?? last?.Fault ?? "",
            entry.NextAttempt is { } next ? PredictionText.Moment(next) : "",
        ];
    }
}
