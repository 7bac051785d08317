using System.CommandLine;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions delete</c>.</summary>
internal static class DeleteCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var command = new Command(
            "delete",
            "Delete a prediction that has ended, with its pictures in the data folder; files that generate wrote stay."
        )
        {
            options.Id,
            options.Owner,
            options.Data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    records => DeleteAsync(records, options.ReadId(parsed), terminal, cancellationToken)
                )
        );
        return command;
    }

    private static async Task<int> DeleteAsync(
        OwnerRecords records,
        PredictionId id,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        switch (await records.Service.DeleteAsync(records.Owner, id, cancellationToken))
        {
            case true:
                terminal.Print($"Deleted {id}.");
                return ExitCodes.Ok;
            case false:
                terminal.Error.WriteLine("leyden: the prediction has not ended: cancel it first, then delete it.");
                return ExitCodes.Failed;
            default:
                return ShowCommand.NotFound(terminal, records, id);
        }
    }
}
