using Leyden.Api.Access;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;

namespace Leyden.Local;

/// <summary>
/// Where settings come from, the later over the earlier: <c>leyden.json</c> in the data folder, environment variables
/// (<c>Leyden__Eachlabs__ApiKey</c>).
/// </summary>
internal static class LocalConfiguration
{
    /// <summary>Reads all settings.</summary>
    /// <exception cref="SetupException"><c>leyden.json</c> is no JSON.</exception>
    public static IConfigurationRoot Read(DataFolder data)
    {
        var builder = new ConfigurationBuilder();
        builder.AddJsonFile(data.Settings, optional: true, reloadOnChange: false);
        builder.AddEnvironmentVariables();
        try
        {
            return builder.Build();
        }
        catch (InvalidDataException e)
        {
            throw new SetupException($"{data.Settings} can not be read: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>Whether predictions can go to Eachlabs, or to what stands in for it under a base URL of its own.</summary>
    public static bool HasEachlabs(IConfiguration configuration) =>
        new[]
        {
            configuration[EachlabsOptions.KeyVariable],
            configuration[$"{EachlabsOptions.Section}:{nameof(EachlabsOptions.ApiKey)}"],
            configuration[$"{EachlabsOptions.Section}:{nameof(EachlabsOptions.BaseUrl)}"],
        }.Any(setting => !string.IsNullOrWhiteSpace(setting));

    /// <summary>Whether any backend is configured.</summary>
    public static bool HasBackend(IConfiguration configuration) =>
        HasEachlabs(configuration) || ContainerServices.IsConfigured(configuration);

    /// <summary>Whether callers need a key.</summary>
    public static bool HasKeys(IConfiguration configuration) =>
        configuration.GetSection(AccessOptions.Section).GetChildren().Any();

    /// <summary>Reads a section without a host.</summary>
    /// <exception cref="SetupException">A value is not of its setting's type.</exception>
    public static T Read<T>(IConfiguration configuration, string section)
        where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException e) when (SetupFaults.Explain(e) is { } reason)
        {
            throw new SetupException(reason, e);
        }
    }
}
