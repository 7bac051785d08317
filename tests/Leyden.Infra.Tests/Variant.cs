using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Leyden.Infra.Tests;

/// <summary>A deployment, given as <c>azd</c> is given it: by environment variables.</summary>
internal static class Variant
{
    private const string Subscription = "00000000-0000-0000-0000-000000000001";
    private const string Tenant = "00000000-0000-0000-0000-00000000000c";

    private static readonly ConcurrentDictionary<string, Lazy<Task<Snapshot>>> Snapshots = new();

    // What azd itself sets.
    private static readonly Dictionary<string, string> Azd = new()
    {
        ["AZURE_ENV_NAME"] = "leyden",
        ["AZURE_LOCATION"] = "swedencentral",
    };

    /// <summary>The names of all variants.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory
            .EnumerateFiles(Repository.Variants, "*.env")
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .Order(),
    ];

    /// <summary>Them, for a theory.</summary>
    public static TheoryData<string> All => [.. Names];

    /// <summary>The environment of a variant.</summary>
    public static Dictionary<string, string> Environment(string name) =>
        new(
            File.ReadLines(Path.Combine(Repository.Variants, $"{name}.env"))
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => line.Split('=', 2))
                .Select(pair => KeyValuePair.Create(pair[0], pair[1]))
        );

    /// <summary>What a variant makes. Asked for once in a run of the tests.</summary>
    public static Task<Snapshot> PredictAsync(string name) =>
        Snapshots
            .GetOrAdd(name, _ => new Lazy<Task<Snapshot>>(async () => Read(await RunAsync(Environment(name)))))
            .Value;

    /// <summary>What Bicep says to an environment.</summary>
    /// <returns>Its words, and the snapshot when there is one.</returns>
    public static async Task<(CommandResult Said, JsonObject? Snapshot)> RunAsync(
        Dictionary<string, string> environment
    )
    {
        var folder = Bicep.CopyInfra();
        try
        {
            var said = await Bicep.RunAsync(
                folder.FullName,
                Azd.Concat(environment).DistinctBy(e => e.Key),
                "snapshot",
                "main.bicepparam",
                "--mode",
                "overwrite",
                "--tenant-id",
                Tenant,
                "--subscription-id",
                Subscription,
                "--location",
                Azd["AZURE_LOCATION"]
            );
            var file = Path.Combine(folder.FullName, "main.snapshot.json");
            return (said, File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject() : null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Snapshot Read((CommandResult Said, JsonObject? Snapshot) result)
    {
        Assert.True(result.Said is { Code: 0, Errors: "" }, result.Said.Output + result.Said.Errors);
        return new Snapshot(result.Snapshot!);
    }
}
