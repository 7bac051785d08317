using System.Text.Json.Nodes;

namespace Leyden.Infra.Tests;

/// <summary>What Bicep predicts that a deployment makes; what only Azure knows stays an expression in brackets.</summary>
internal sealed class Snapshot(JsonObject content)
{
    /// <summary>All of it.</summary>
    public JsonObject Content { get; } = content;

    /// <summary>Every resource.</summary>
    public IReadOnlyList<JsonObject> Resources { get; } =
    [.. content["predictedResources"]!.AsArray().Select(r => r!.AsObject())];

    /// <summary>The resources of a type.</summary>
    public IEnumerable<JsonObject> Of(string type) => Resources.Where(r => (string?)r["type"] == type);

    /// <summary>The one resource of a type.</summary>
    public JsonObject Single(string type) => Of(type).Single();

    /// <summary>Whether there is a GPU.</summary>
    public bool HasContainer => Of("Microsoft.App/containerApps").Any();

    /// <summary>The settings of the function app.</summary>
    public IReadOnlyDictionary<string, string> AppSettings =>
        Single("Microsoft.Web/sites/config")["properties"]!
            .AsObject()
            .ToDictionary(s => s.Key, s => (string)s.Value!, StringComparer.Ordinal);

    /// <summary>The container of the GPU app.</summary>
    public JsonObject Container =>
        Single("Microsoft.App/containerApps")["properties"]!["template"]!["containers"]!.AsArray().Single()!.AsObject();

    /// <summary>The environment variables of the GPU app's container.</summary>
    public IReadOnlyDictionary<string, string> ContainerSettings =>
        Container["env"]!.AsArray().ToDictionary(e => (string)e!["name"]!, e => (string)e!["value"]!);

    /// <summary>Every value with the way to it, such as <c>sites.func-x.properties.httpsOnly</c>.</summary>
    public IEnumerable<(string Path, string Value)> Leaves() => Leaves(Content, "");

    /// <summary>Every value below a node with the way to it.</summary>
    public static IEnumerable<(string Path, string Value)> Leaves(JsonNode? node, string path) =>
        node switch
        {
            JsonObject o => o.SelectMany(p => Leaves(p.Value, $"{path}.{p.Key}")),
            JsonArray a => a.SelectMany((item, i) => Leaves(item, $"{path}[{NameOf(item) ?? $"{i}"}]")),
            _ => [(path, node?.ToJsonString() ?? "null")],
        };

    private static string? NameOf(JsonNode? item) =>
        item is JsonObject o && o["type"] is JsonValue type && o["id"] is JsonValue id ? $"{type} {id}" : null;
}
