using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Leyden.Infra.Tests;

/// <summary>
/// Who may do what. The roles that are needed are worked out from what the parts are set up to do, and are those that are assigned: none
/// is missing and none is left over.
/// </summary>
public sealed partial class RoleTests
{
    private const string Storage = "Microsoft.Storage/storageAccounts";
    private const string Models = Storage + "/blobServices/containers";
    private const string Queues = Storage + "/queueServices/queues";

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task The_roles_that_are_needed_are_assigned_and_no_others(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);

        Assert.Equal(Needed(snapshot, variant).Order(), Assigned(snapshot).Order());
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_role_says_what_for(string variant) =>
        Assert.All(
            (await Variant.PredictAsync(variant)).Of("Microsoft.Authorization/roleAssignments"),
            role => Assert.True(((string?)role["properties"]!["description"])?.Length > 20)
        );

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_identity_belongs_to_what_uses_it(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);

        Assert.Equal("id-app", IdentityOf(snapshot.Single("Microsoft.Web/sites")));
        Assert.Equal("id-uploads", IdentityOf(snapshot.Single("Microsoft.EventGrid/systemTopics")));
        Assert.All(snapshot.Of("Microsoft.App/containerApps"), app => Assert.Equal("id-gpu", IdentityOf(app)));
        Assert.Equal(
            snapshot.HasContainer ? ["id-app", "id-gpu", "id-uploads"] : ["id-app", "id-uploads"],
            snapshot
                .Of("Microsoft.ManagedIdentity/userAssignedIdentities")
                .Select(i => Short((string)i["name"]!))
                .Order()
        );
    }

    [Fact]
    public async Task Every_role_of_the_list_is_assigned_somewhere()
    {
        var assigned = new HashSet<string>();
        foreach (var variant in Variant.Names)
        {
            assigned.UnionWith(Assigned(await Variant.PredictAsync(variant)).Select(a => a.Split(' ')[1]));
        }

        Assert.Equal(Roles.Values.Order(), assigned.Order());
    }

    private static IEnumerable<string> Needed(Snapshot snapshot, string variant)
    {
        var settings = snapshot.AppSettings;
        if (settings.ContainsKey("AzureWebJobsStorage__accountName"))
        {
            yield return $"id-app storageBlobDataOwner {Storage}";
            yield return $"id-app storageQueueDataContributor {Storage}";
        }

        if (!settings.TryGetValue("DURABLE_TASK_SCHEDULER_CONNECTION_STRING", out var scheduler))
        {
            yield return $"id-app storageTableDataContributor {Storage}";
        }
        else if (scheduler.Contains("Authentication=ManagedIdentity", StringComparison.Ordinal))
        {
            yield return "id-app durableTaskDataContributor Microsoft.DurableTask/schedulers/taskHubs";
        }

        if (settings.Values.Any(v => v.StartsWith("@Microsoft.KeyVault", StringComparison.Ordinal)))
        {
            yield return "id-app keyVaultSecretsUser Microsoft.KeyVault/vaults";
        }

        if (
            settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
                .Contains("Authorization=AAD", StringComparison.Ordinal)
        )
        {
            yield return "id-app monitoringMetricsPublisher Microsoft.Insights/components";
        }

        if (settings.ContainsKey("Leyden__Events__EventGridTopic"))
        {
            yield return "id-app eventGridDataSender Microsoft.EventGrid/topics";
        }

        if (snapshot.Of("Microsoft.EventGrid/systemTopics/eventSubscriptions").Any())
        {
            yield return $"id-uploads storageQueueDataMessageSender {Queues}";
        }

        if (!snapshot.HasContainer)
        {
            yield break;
        }

        if (
            snapshot.Single("Microsoft.App/containerApps")["properties"]!["configuration"]!["registries"]!
                .AsArray()
                .Count > 0
        )
        {
            yield return "id-gpu acrPull Microsoft.ContainerRegistry/registries";
        }

        if (snapshot.ContainerSettings.ContainsKey("Leyden__Model__BlobPrefix"))
        {
            yield return $"id-gpu storageBlobDataReader {Models}";
            yield return $"{Variant.Environment(variant)["AZURE_PRINCIPAL_ID"]} storageBlobDataContributor {Models}";
        }
    }

    private static IEnumerable<string> Assigned(Snapshot snapshot) =>
        snapshot
            .Of("Microsoft.Authorization/roleAssignments")
            .Select(role => $"{PrincipalOf(role)} {RoleOf(role)} {ScopeOf((string)role["id"]!)}");

    private static string PrincipalOf(JsonObject role)
    {
        var principal = (string)role["properties"]!["principalId"]!;
        var identity = Identity().Match(principal);
        return identity.Success ? Short(identity.Groups[1].Value) : principal;
    }

    private static string RoleOf(JsonObject role) =>
        Roles[((string)role["properties"]!["roleDefinitionId"]!).Split('/')[^1]];

    // /subscriptions/…/providers/TYPE/NAME/SUBTYPE/NAME/providers/Microsoft.Authorization/roleAssignments/…
    private static string ScopeOf(string id)
    {
        var scope = id.Split("/providers/")[^2].Split('/');
        return string.Join('/', scope.Where((_, i) => i == 0 || i % 2 == 1));
    }

    private static string IdentityOf(JsonObject resource) =>
        Short(resource["identity"]!["userAssignedIdentities"]!.AsObject().Single().Key.Split('/')[^1]);

    private static string Short(string identity) => identity[..identity.LastIndexOf('-')];

    private static Dictionary<string, string> Roles { get; } =
        RoleLine()
            .Matches(File.ReadAllText(Path.Combine(Repository.Infra, "modules", "roles.bicep")))
            .ToDictionary(m => m.Groups[2].Value, m => m.Groups[1].Value);

    [GeneratedRegex(@"userAssignedIdentities/([^']+)'.*\.principalId")]
    private static partial Regex Identity();

    [GeneratedRegex(@"^  (\w+): '([0-9a-f-]{36})'$", RegexOptions.Multiline)]
    private static partial Regex RoleLine();
}
