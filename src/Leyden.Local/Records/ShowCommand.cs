using System.CommandLine;
using System.Globalization;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions show</c>.</summary>
internal static class ShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var watch = new Option<bool>("--watch")
        {
            Description =
                "Follow the running server until the prediction has ended, then tell all; the exit code is 0 for a success.",
        };
        var command = new Command(
            "show",
            "Tell all about one prediction: a table on a terminal, else lines with a tab between name and value."
        )
        {
            options.Id,
            watch,
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
                        var json = parsed.GetValue(options.Json);
                        if (parsed.GetValue(watch))
                        {
                            return await WatchAsync(records, id, terminal, json, cancellationToken);
                        }

                        return await ShowAsync(records, id, terminal, json, cancellationToken) is null
                            ? ExitCodes.Failed
                            : ExitCodes.Ok;
                    }
                )
        );
        return command;
    }

    private static async Task<int> WatchAsync(
        OwnerRecords records,
        PredictionId id,
        Terminal terminal,
        bool json,
        CancellationToken cancellationToken
    )
    {
        if (await records.Service.FindAsync(records.Owner, id, cancellationToken) is not { } found)
        {
            return NotFound(terminal, records, id);
        }

        if (!found.Status.IsTerminal())
        {
            await ServerWatch.FollowAsync(records, id, terminal, cancellationToken);
        }

        var status = await ShowAsync(records, id, terminal, json, cancellationToken);
        return status == PredictionStatus.Succeeded ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>Shows the prediction as it is now.</summary>
    /// <returns>Where it stands; null when there is none any more, which is said.</returns>
    private static async Task<PredictionStatus?> ShowAsync(
        OwnerRecords records,
        PredictionId id,
        Terminal terminal,
        bool json,
        CancellationToken cancellationToken
    )
    {
        if (await records.Service.FindAsync(records.Owner, id, cancellationToken) is not { } found)
        {
            NotFound(terminal, records, id);
            return null;
        }

        var ahead = await records.Service.AheadAsync(found, cancellationToken);
        Write(found, ahead, records, terminal, json);
        return found.Status;
    }

    /// <summary>Says that there is no such prediction.</summary>
    public static int NotFound(Terminal terminal, OwnerRecords records, PredictionId id)
    {
        terminal.Error.WriteLine($"leyden: {records.Owner} has no prediction {id} in {records.Data.Path}.");
        return ExitCodes.Failed;
    }

    private static void Write(Prediction found, int? ahead, OwnerRecords records, Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.Print(PredictionText.ToJson(found, records.Data).ToJsonString(LeydenJson.Options));
            return;
        }

        var lines = Lines(found, ahead, records.Data).Where(line => line.Value is { Length: > 0 }).ToList();
        if (!terminal.HasReader)
        {
            lines.ForEach(line => terminal.Print($"{line.Name}\t{line.Value!.ReplaceLineEndings(" ")}"));
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        lines.ForEach(line => grid.AddRow($"[dim]{line.Name}[/]", Markup.Escape(line.Value!)));
        terminal.Out.Write(grid);
    }

    private static IEnumerable<(string Name, string? Value)> Lines(Prediction found, int? ahead, DataFolder data)
    {
        yield return ("id", found.Id.Value);
        yield return ("status", PredictionText.Word(found.Status));
        yield return ("in line", (ahead + 1)?.ToString(CultureInfo.InvariantCulture));
        yield return ("error", found.Failure is { } failure ? $"{failure.Message} ({failure.Code})" : null);
        yield return ("detail", found.Failure?.Detail);
        foreach (var note in found.Notes)
        {
            yield return ("note", note);
        }

        foreach (var output in found.Outputs)
        {
            yield return ("picture", PredictionText.Place(output.Key, data));
        }

        yield return ("backend", found.Backend);
        yield return ("because", found.BackendReason);
        yield return ("attempts", found.Attempts > 1 ? $"{found.Attempts}" : null);
        yield return ("model", found.Model);
        foreach (var (name, value) in found.Input)
        {
            yield return (name.Replace('_', ' '), value?.ToString());
        }

        yield return ("accepted", PredictionText.Moment(found.CreatedAt));
        yield return ("deadline", found.Status.IsTerminal() ? null : PredictionText.Moment(found.Deadline));
        yield return ("cancel asked", found.CancelRequestedAt is { } asked ? PredictionText.Moment(asked) : null);
        yield return ("seconds", PredictionText.Seconds(found.CompletedAt - found.CreatedAt));
        yield return ("model seconds", PredictionText.Seconds(found.PredictTime));
        yield return ("cost", found.Cost is { } cost ? $"${cost.ToString(CultureInfo.InvariantCulture)}" : null);
    }
}
