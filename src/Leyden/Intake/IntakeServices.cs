using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Intake;

/// <summary>Puts the ways in beside HTTP into a host, which adds what listens.</summary>
internal static class IntakeServices
{
    public static void AddIntake(this IServiceCollection services)
    {
        services
            .AddOptions<QueueOptions>()
            .BindConfiguration(QueueOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IntakeWishes>();
        services.AddSingleton<IntakeEvents>();
        services.AddSingleton<IntakeMessages>();
    }
}
