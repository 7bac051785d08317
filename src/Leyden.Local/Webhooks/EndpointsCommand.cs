using System.CommandLine;
using System.Text.Json.Nodes;
using Leyden.Api.Webhooks;
using Leyden.Local.Records;
using Leyden.Notifications;
using Spectre.Console;

namespace Leyden.Local.Webhooks;

/// <summary><c>leyden webhooks endpoints</c>: the configured receivers.</summary>
internal static class EndpointsCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var command = new Command(
            "endpoints",
            "List the configured receivers of an owner's events: lines with tabs between name, state, address and events."
        )
        {
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
                        var service = records.Services.GetRequiredService<DeliveryService>();
                        var found = await service.ConfiguredAsync(records.Owner, cancellationToken);
                        if (parsed.GetValue(options.Json))
                        {
                            var all = new JsonArray([.. found.Select(DeliveryJson.Write)]);
                            terminal.Print(new JsonObject { ["endpoints"] = all }.ToJsonString(LeydenJson.Options));
                            return ExitCodes.Ok;
                        }

                        foreach (var (target, events, state) in found)
                        {
                            terminal.Print(
                                string.Join(
                                    '\t',
                                    target.Name,
                                    DeliveryJson.Word(state?.State ?? TargetState.Active),
                                    target.ShownAddress,
                                    string.Join(',', events.Select(e => e.Word()))
                                )
                            );
                        }

                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }
}

/// <summary><c>leyden webhooks resume</c>.</summary>
internal static class ResumeCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var name = new Argument<string>("name")
        {
            Description = "The receiver, as leyden webhooks endpoints shows it.",
        };
        var command = new Command(
            "resume",
            "Put a configured receiver back into service and tell it what it missed. A server must run."
        )
        {
            name,
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
                        var path = $"/v1/webhooks/endpoints/{Uri.EscapeDataString(parsed.GetValue(name)!)}/resume";
                        if (await ServerRequest.PostAsync(records, path, cancellationToken) is not { } answer)
                        {
                            terminal.Error.WriteLine($"leyden: no receiver {parsed.GetValue(name)} is configured.");
                            return ExitCodes.Failed;
                        }

                        var more = (bool?)answer["more"] == true ? " More are left: repeat this." : "";
                        terminal.Print(
                            parsed.GetValue(options.Json)
                                ? answer.ToJsonString(LeydenJson.Options)
                                : $"In service again; {answer["redelivered"]} deliveries are on their way.{more}"
                        );
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }
}

/// <summary><c>leyden webhooks secret</c>.</summary>
internal static class SecretCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var command = new Command("secret", "Show what signs the webhooks that were asked for without a secret.")
        {
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
                        var secrets = records.Services.GetRequiredService<WebhookSecrets>();
                        var key = (await secrets.DefaultOfAsync(records.Owner, cancellationToken)).Reveal();
                        terminal.Print(
                            parsed.GetValue(options.Json)
                                ? new JsonObject { ["key"] = key }.ToJsonString(LeydenJson.Options)
                                : key
                        );
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }
}
