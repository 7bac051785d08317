using System.Text.Json.Nodes;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Notifications;

/// <summary>The core with everything that tells others, allowed to call this machine, with a schedule that fits into a test.</summary>
internal static class DeliveryWorld
{
    /// <summary>Four attempts within about a second.</summary>
    public const string FastSchedule = "0s,0.05s,0.1s,0.2s";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Task<PredictionWorld> StartAsync(
        ScriptedBackend? backend = null,
        Func<IObjectStore, IObjectStore>? decorate = null,
        Action<IServiceCollection>? services = null,
        params (string Name, string Value)[] settings
    ) =>
        PredictionWorld.StartAsync(
            backend,
            decorate,
            builder =>
            {
                var all = new Dictionary<string, string?>
                {
                    ["Leyden:AllowLoopback"] = "true",
                    ["Leyden:Webhooks:Schedule"] = FastSchedule,
                };
                foreach (var (name, value) in settings)
                {
                    all[name] = value;
                }

                builder.Configuration.AddInMemoryCollection(all);
                builder.Services.AddSingleton<IPredictionWriter, PlainWriter>();
                services?.Invoke(builder.Services);
            }
        );

    /// <summary>A wish with a webhook.</summary>
    public static PredictionRequest Request(
        string url,
        string? secret = null,
        IReadOnlyList<PredictionEvent>? events = null,
        string prompt = "a cat"
    ) =>
        PredictionWorld.Request(prompt) with
        {
            Webhook = new WebhookWish(url, secret, events ?? PredictionEventWords.All),
        };

    /// <summary>The log of a prediction's deliveries to a target, which is there.</summary>
    public static async Task<DeliveryLog> LogAsync(
        this PredictionWorld world,
        PredictionId id,
        string target = Subscription.WebhookName
    )
    {
        var log = await world.Get<DeliveryLogs>().FindAsync(Owner.Local, id, target, Stop);
        Assert.NotNull(log);
        return log.Value;
    }

    /// <summary>Waits until nothing is pending for a target that had something to be told.</summary>
    public static async Task<DeliveryLog> QuietAsync(
        this PredictionWorld world,
        PredictionId id,
        string target = Subscription.WebhookName,
        int events = 1
    )
    {
        DeliveryLog? seen = null;
        await PredictionWorld.EventuallyAsync(
            async () =>
            {
                seen = (await world.Get<DeliveryLogs>().FindAsync(Owner.Local, id, target, Stop))?.Value;
                return seen?.Entries.Count >= events && seen.Pending is null && seen.Charge == CourierState.None;
            },
            $"the deliveries of {id} to {target} are quiet"
        );
        return seen!;
    }

    internal sealed class PlainWriter : IPredictionWriter
    {
        public Task<JsonObject> WriteAsync(Prediction prediction, CancellationToken cancellationToken) =>
            Task.FromResult(
                new JsonObject
                {
                    ["id"] = prediction.Id.Value,
                    ["status"] = prediction.Status.ToString(),
                    ["input"] = prediction.Input.DeepClone(),
                    ["output"] = new JsonArray([.. prediction.Outputs.Select(o => (JsonNode)o.Key.Value)]),
                    ["logs"] = prediction.Logs,
                }
            );
    }
}
