using System.Text.Json.Nodes;
using Leyden.Api.Eachlabs;
using Leyden.Notifications;
using Leyden.Predictions;

namespace Leyden.Api.Webhooks;

/// <summary>Writes predictions for receivers of notifications: exactly as <c>GET /v1/prediction/{id}</c> answers, without a request.</summary>
internal sealed class PublicPredictionWriter(Links links) : IPredictionWriter
{
    /// <inheritdoc/>
    public async Task<JsonObject> WriteAsync(Prediction prediction, CancellationToken cancellationToken)
    {
        var outputs = await links.ToKnownOutputsAsync(prediction.Outputs, cancellationToken);
        return EachlabsDialect.Write(
            prediction,
            outputs,
            ahead: null,
            links.ToKnown($"/v1/prediction/{prediction.Id}")
        );
    }
}
