using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Leyden.Net;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>
/// Writes events as CloudEvents 1.0 in structured JSON (https://cloudevents.io). The id is the constant id of the event, the subject
/// the prediction's id; a creator's correlation id is the extension <c>correlationid</c>.
/// </summary>
public sealed class CloudEventWriter(
    IPredictionWriter predictions,
    DeploymentAddress address,
    IOptions<EventOptions> options
)
{
    private const string Path = "/v1/prediction";

    private static readonly CloudEventAttribute CorrelationId = CloudEventAttribute.CreateExtension(
        "correlationid",
        CloudEventAttributeType.String
    );

    private static readonly JsonEventFormatter Formatter = new(LeydenJson.Options, default);

    /// <summary>Writes one event as a JSON object.</summary>
    public Task<byte[]> WriteAsync(Notification notification, CancellationToken cancellationToken) =>
        WriteAsync(
            notification,
            cloudEvent => Formatter.EncodeStructuredModeMessage(cloudEvent, out _),
            cancellationToken
        );

    /// <summary>Writes one event as a JSON array, which is what Event Grid takes.</summary>
    public Task<byte[]> WriteBatchAsync(Notification notification, CancellationToken cancellationToken) =>
        WriteAsync(
            notification,
            cloudEvent => Formatter.EncodeBatchModeMessage([cloudEvent], out _),
            cancellationToken
        );

    private async Task<byte[]> WriteAsync(
        Notification notification,
        Func<CloudEvent, ReadOnlyMemory<byte>> encode,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(notification);
        var shown = await predictions.WriteAsync(notification.Prediction, cancellationToken);
        return NotificationPayload.Write(
            shown,
            prediction =>
            {
                var cloudEvent = new CloudEvent(CloudEventsSpecVersion.V1_0, [CorrelationId])
                {
                    Id = notification.MessageId,
                    Type = $"leyden.prediction.{notification.Event.Word()}",
                    Source = new Uri(Source(), UriKind.RelativeOrAbsolute),
                    Subject = notification.Prediction.Id.Value,
                    Time = notification.At,
                    DataContentType = "application/json",
                    Data = JsonSerializer.SerializeToElement(prediction, LeydenJson.Options),
                };
                cloudEvent[CorrelationId] = notification.Target.Subscription?.CorrelationId;
                return encode(cloudEvent).ToArray();
            }
        );
    }

    private string Source() =>
        options.Value.Source is { Length: > 0 } configured ? configured : (address.Known ?? "") + Path;
}
