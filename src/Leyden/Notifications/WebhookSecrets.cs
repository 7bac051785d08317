using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Notifications;

/// <summary>Finds the keys that webhooks are signed with.</summary>
public sealed class WebhookSecrets(DeploymentSecret deployment, DeliveryLogs logs)
{
    /// <summary>The key for an owner's webhooks that were created without a secret of their own.</summary>
    public async Task<WebhookSecret> DefaultOfAsync(Owner owner, CancellationToken cancellationToken) =>
        WebhookSecret.Of(await deployment.DeriveAsync($"webhook-signing/{owner}", cancellationToken));

    /// <summary>The keys for a target, each of which signs; and the secret that the creator asked to have sent along.</summary>
    public async Task<(IReadOnlyList<WebhookSecret> Keys, string? Verbatim)> ForAsync(
        Prediction prediction,
        DeliveryTarget target,
        CancellationToken cancellationToken
    )
    {
        if (target.Endpoint is { } endpoint)
        {
            return ([.. endpoint.Secrets.Select(Parse)], null);
        }

        if (
            target.Subscription?.HasSecret == true
            && await logs.FindSecretAsync(prediction.Owner, prediction.Id, cancellationToken) is { } secret
        )
        {
            return ([Parse(secret)], secret);
        }

        return ([await DefaultOfAsync(prediction.Owner, cancellationToken)], null);
    }

    private static WebhookSecret Parse(string text) =>
        WebhookSecret.TryParse(text, out var secret, out var problem)
            ? secret
            : throw new InvalidDataException($"A webhook secret that was accepted {problem}.");
}
