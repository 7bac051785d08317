using System.Reflection;
using System.Runtime.CompilerServices;
using Leyden.Api.Access;
using Leyden.Api.Streaming;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;
using Leyden.Batches;
using Leyden.Intake;
using Leyden.Net;
using Leyden.Notifications;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Api.Tests;

/// <summary>Holds the README's table of settings to the options that are bound.</summary>
public sealed class SettingsTests
{
    public static TheoryData<Type, string> Options =>
        new()
        {
            { typeof(RoutingOptions), "Leyden" },
            { typeof(ApiOptions), "Leyden" },
            { typeof(StreamOptions), "Leyden" },
            { typeof(NetworkOptions), NetworkOptions.Section },
            { typeof(PublicAddressOptions), PublicAddressOptions.Section },
            { typeof(EachlabsOptions), EachlabsOptions.Section },
            { typeof(ContainerOptions), ContainerOptions.Section },
            { typeof(RoutingRule), RoutingRule.Section },
            { typeof(PredictionOptions), PredictionOptions.Section },
            { typeof(OutputOptions), OutputOptions.Section },
            { typeof(BatchOptions), BatchOptions.Section },
            { typeof(QueueOptions), QueueOptions.Section },
            { typeof(StorageOptions), StorageOptions.Section },
            { typeof(WebhookOptions), WebhookOptions.Section },
            { typeof(WebhookEndpointOptions), $"{WebhookOptions.Section}:Endpoints:NAME" },
            { typeof(EventOptions), EventOptions.Section },
        };

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_setting_is_in_the_readme(Type options, string section)
    {
        var readme = File.ReadAllText(Readme());
        var settings = options
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite)
            .Select(p => $"`{section}:{p.Name}`".Replace(":", "__", StringComparison.Ordinal));

        Assert.All(settings, setting => Assert.Contains(setting, readme, StringComparison.Ordinal));
    }

    [Fact]
    public void The_keys_are_in_the_readme() =>
        Assert.Contains(
            $"`{AccessOptions.Section}:NAME`".Replace(":", "__", StringComparison.Ordinal),
            File.ReadAllText(Readme()),
            StringComparison.Ordinal
        );

    private static string Readme([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "README.md");
}
