using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.Notifications;

/// <summary>Starts couriers where there is no orchestrator whose children they could be.</summary>
public sealed class DeliveryScheduler
{
    /// <summary>Starts couriers, each of which has an instance id that was never used.</summary>
    public async Task StartAsync(
        IReadOnlyList<DeliveryWork> couriers,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(couriers);
        ArgumentNullException.ThrowIfNull(client);
        foreach (var courier in couriers)
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(DeliveryOrchestrator),
                courier,
                new StartOrchestrationOptions(courier.InstanceId),
                cancellationToken
            );
        }
    }
}
