using System.CommandLine;
using Leyden.Local.Records;
using Leyden.Notifications;
using Spectre.Console;

namespace Leyden.Local.Webhooks;

/// <summary><c>leyden webhooks redeliver</c>.</summary>
internal static class RedeliverCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var target = new Option<string>("--target")
        {
            Description = "Whom to tell, as leyden webhooks list shows it.",
            HelpName = "NAME",
            DefaultValueFactory = _ => Subscription.WebhookName,
        };
        var only = new Option<string?>("--event")
        {
            Description =
                "The one event to tell: started, succeeded, failed or canceled. Default: all that were not delivered or, if all were, the last.",
            HelpName = "EVENT",
        };
        var command = new Command(
            "redeliver",
            "Tell a receiver again, under the same ids. A server must run; it wants LEYDEN_API_KEY if it has keys."
        )
        {
            options.Id,
            target,
            only,
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
                        var name = Uri.EscapeDataString(parsed.GetValue(target)!);
                        var query = parsed.GetValue(only) is { } word ? $"?event={Uri.EscapeDataString(word)}" : "";
                        var path = $"/v1/prediction/{id}/deliveries/{name}/redeliver{query}";
                        if (await ServerRequest.PostAsync(records, path, cancellationToken) is not { } log)
                        {
                            terminal.Error.WriteLine(
                                $"leyden: there is no prediction {id} that {parsed.GetValue(target)} was told of."
                            );
                            return ExitCodes.Failed;
                        }

                        terminal.Print(
                            parsed.GetValue(options.Json)
                                ? log.ToJsonString(LeydenJson.Options)
                                : "On its way again: leyden webhooks list shows how it goes."
                        );
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }
}
