using System.Globalization;
using System.Text.Json.Nodes;

namespace Leyden.Notifications;

/// <summary>
/// The bodies of webhooks. A creator's own webhook gets the prediction as the API shows it, with <c>type</c> and <c>timestamp</c> beside
/// its members, so that a client of Eachlabs finds what it looks for; a configured endpoint gets the form that Standard Webhooks advises.
/// </summary>
internal static class WebhookPayload
{
    public static byte[] Write(Notification notification, JsonObject prediction)
    {
        var type = $"prediction.{notification.Event.Word()}";
        var timestamp = notification.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var data = (JsonObject)prediction.DeepClone();
        if (notification.Target.IsConfigured)
        {
            return NotificationPayload.ToBytes(
                new JsonObject
                {
                    ["type"] = type,
                    ["timestamp"] = timestamp,
                    ["data"] = data,
                }
            );
        }

        data["type"] = type;
        data["timestamp"] = timestamp;
        return NotificationPayload.ToBytes(data);
    }
}
