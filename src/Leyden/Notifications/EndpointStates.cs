using Leyden.Storage;

namespace Leyden.Notifications;

/// <summary>
/// Which configured targets are out of service: one that did not answer for a whole schedule, or answered 410, is not asked again for
/// every further prediction, until somebody puts it back into service.
/// </summary>
public sealed class EndpointStates(IObjectStore objects)
{
    /// <summary>Since when, and why, a target is out of service; null when it is in service.</summary>
    public async Task<OutOfService?> FindAsync(DeliveryTarget target, CancellationToken cancellationToken) =>
        target.IsConfigured
            ? (await objects.GetJsonAsync<OutOfService>(DeliveryKeys.Endpoint(target.Name), cancellationToken))?.Value
            : null;

    /// <summary>Takes a target out of service.</summary>
    public Task SetAsync(DeliveryTarget target, OutOfService state, CancellationToken cancellationToken) =>
        objects.PutJsonAsync(DeliveryKeys.Endpoint(target.Name), state, WriteCondition.IfAbsent, cancellationToken);

    /// <summary>Puts a target back into service.</summary>
    /// <returns>Whether it was out of service.</returns>
    public Task<bool> ResumeAsync(DeliveryTarget target, CancellationToken cancellationToken) =>
        objects.DeleteAsync(DeliveryKeys.Endpoint(target.Name), cancellationToken);
}

/// <summary>A configured target is out of service.</summary>
/// <param name="State">Whether it did not answer, or wants no more.</param>
/// <param name="Since">Since when.</param>
public sealed record OutOfService(TargetState State, DateTimeOffset Since);
