using Leyden.Identity;
using Leyden.Net;
using Leyden.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Registers notifications.</summary>
public static class NotificationServices
{
    /// <summary>Registers the outbox, the channels and what leads them. A host that delivers adds an <see cref="IPredictionWriter"/>.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
        services.AddOptions<EventOptions>().BindConfiguration(EventOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>()
        );
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventOptions>, EventOptionsValidator>());
        // Nothing logs its requests: paths of webhooks may be as secret as their query strings.
        services.AddOutboundHttpClient(WebhookChannel.HttpClientName).RemoveAllLoggers();
        services.TryAddSingleton<DeploymentIdentity>();
        services.TryAddSingleton<QueueAccount>();
        services.AddSingleton<SubscriptionReader>();
        services.AddSingleton<DeliveryLogs>();
        services.AddSingleton<DeliveryTargets>();
        services.AddSingleton<DeliverySchedule>();
        services.AddSingleton<DeliveryScheduler>();
        services.AddSingleton<EndpointStates>();
        services.AddSingleton<DeliveryService>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<CloudEventWriter>();
        services.AddSingleton<INotificationChannel, WebhookChannel>();
        services.AddSingleton<INotificationChannel, QueueChannel>();
        services.AddSingleton<INotificationChannel, EventGridChannel>();
        return services;
    }
}
