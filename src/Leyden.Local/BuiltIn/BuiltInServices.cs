using Leyden.Backends;

namespace Leyden.Local.BuiltIn;

/// <summary>Registers the model of this process.</summary>
internal static class BuiltInServices
{
    /// <summary>Adds the backend <c>built-in</c>.</summary>
    public static void AddBuiltInBackend(this IServiceCollection services)
    {
        services
            .AddOptions<BuiltInModelOptions>()
            .BindConfiguration(BuiltInModelOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<BuiltInModel>();
        services.AddSingleton<IBackend, BuiltInBackend>();
    }
}
