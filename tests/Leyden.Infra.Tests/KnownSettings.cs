using System.Reflection;
using Leyden.Api;
using Leyden.Api.Access;
using Leyden.Backends;
using Leyden.ModelServer;

namespace Leyden.Infra.Tests;

/// <summary>The settings that the options classes of the function app and of the model server bind.</summary>
internal static class KnownSettings
{
    /// <summary>Those of the function app, as environment variables.</summary>
    public static IReadOnlySet<string> App { get; } =
        Of(typeof(RoutingOptions).Assembly, typeof(ApiOptions).Assembly)
            .Append($"{Variable(AccessOptions.Section)}__NAME")
            .ToHashSet();

    /// <summary>Those of the model server.</summary>
    public static IReadOnlySet<string> ModelServer { get; } = Of(typeof(ModelServerOptions).Assembly).ToHashSet();

    /// <summary>A setting with the name of a key or a receiver replaced by NAME.</summary>
    public static string Pattern(string setting)
    {
        var keys = $"{Variable(AccessOptions.Section)}__";
        return setting.StartsWith(keys, StringComparison.Ordinal) ? $"{keys}NAME" : setting;
    }

    private static IEnumerable<string> Of(params Assembly[] assemblies) =>
        assemblies
            .SelectMany(a => a.GetExportedTypes())
            .Where(type =>
                type is { IsClass: true, IsAbstract: false }
                && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type == typeof(RoutingRule))
            )
            .SelectMany(type =>
                type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(p => p.CanWrite)
                    .Select(p => $"{Variable(SectionOf(type))}__{p.Name}")
            );

    private static string SectionOf(Type options) =>
        options.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string
        ?? options.Name switch
        {
            "WebhookEndpointOptions" => "Leyden:Webhooks:Endpoints:NAME",
            _ => "Leyden",
        };

    private static string Variable(string section) => section.Replace(":", "__", StringComparison.Ordinal);
}
