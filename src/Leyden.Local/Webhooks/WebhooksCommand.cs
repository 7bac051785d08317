using System.CommandLine;

namespace Leyden.Local.Webhooks;

/// <summary><c>leyden webhooks</c>: what became of notifications, and telling again.</summary>
internal static class WebhooksCommand
{
    public static Command Create(Terminal terminal) =>
        new("webhooks", "See how deliveries went, deliver again, and show what signs them.")
        {
            DeliveriesCommand.Create(terminal),
            RedeliverCommand.Create(terminal),
            EndpointsCommand.Create(terminal),
            ResumeCommand.Create(terminal),
            SecretCommand.Create(terminal),
        };
}
