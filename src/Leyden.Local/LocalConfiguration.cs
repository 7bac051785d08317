using Leyden.Api.Access;

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
