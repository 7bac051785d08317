using System.Text.Json.Nodes;

namespace Leyden.Infra.Tests;

/// <summary>Doors: what every resource of every variant keeps shut.</summary>
public sealed class SecurityTests
{
    // What each type must say of itself, and the place that says it.
    private static readonly (string Type, string Place, string Value)[] Rules =
    [
        ("Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.allowCrossTenantReplication", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", "true"),
        ("Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", "\"TLS1_2\""),
        ("Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", "true"),
        ("Microsoft.KeyVault/vaults", "properties.enableSoftDelete", "true"),
        ("Microsoft.EventGrid/topics", "properties.disableLocalAuth", "true"),
        ("Microsoft.EventGrid/topics", "properties.minimumTlsVersionAllowed", "\"1.2\""),
        ("Microsoft.EventGrid/topics", "properties.inputSchema", "\"CloudEventSchemaV1_0\""),
        ("Microsoft.Insights/components", "properties.DisableLocalAuth", "true"),
        ("Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", "true"),
        ("Microsoft.Web/sites", "properties.httpsOnly", "true"),
        ("Microsoft.Web/sites", "properties.siteConfig.minTlsVersion", "\"1.2\""),
        ("Microsoft.Web/sites", "properties.siteConfig.scmMinTlsVersion", "\"1.2\""),
        ("Microsoft.Web/sites", "properties.siteConfig.ftpsState", "\"Disabled\""),
        ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", "false"),
        ("Microsoft.App/containerApps", "properties.configuration.ingress.allowInsecure", "false"),
    ];

    // Actions by which a template asks for a key, and settings that hold one.
    private static readonly string[] Keys =
    [
        "listKeys",
        "listConnectionStrings",
        "listSecrets",
        "listCredentials",
        "AccountKey=",
        "SharedAccessKey=",
        "SharedAccessSignature=",
        "SystemAssignedIdentity",
        "StorageAccountConnectionString",
        "sharedKey",
    ];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_resource_keeps_its_doors_shut(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);

        foreach (
            var (type, place, value) in Rules.Where(r =>
                r.Type != "Microsoft.App/containerApps" || snapshot.HasContainer
            )
        )
        {
            Assert.NotEmpty(snapshot.Of(type));
            Assert.All(
                snapshot.Of(type),
                r => Assert.Equal($"{type} {place} = {value}", $"{type} {place} = {At(r, place)?.ToJsonString()}")
            );
        }

        Assert.All(
            snapshot.Of("Microsoft.Storage/storageAccounts/blobServices/containers"),
            c =>
                Assert.True(
                    At(c, "properties.publicAccess") is null || (string?)At(c, "properties.publicAccess") == "None"
                )
        );
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Nothing_is_a_key_and_no_secret_shows(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var secret = Variant
            .Environment(variant)
            .GetValueOrDefault("EACHLABS_API_KEY", "the-key-that-must-show-up-nowhere");

        Assert.All(
            snapshot.Leaves(),
            leaf =>
            {
                Assert.DoesNotContain(secret, leaf.Value, StringComparison.Ordinal);
                Assert.All(Keys, key => Assert.DoesNotContain(key, leaf.Value, StringComparison.OrdinalIgnoreCase));
            }
        );
        Assert.All(
            Snapshot.Leaves(snapshot.Content["outputs"], ""),
            output =>
                Assert.All(
                    ["ConnectionString", "InstrumentationKey", "secret", "password", "parameters("],
                    word => Assert.DoesNotContain(word, output.Value, StringComparison.OrdinalIgnoreCase)
                )
        );
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Secrets_come_from_the_vault_by_name(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var vault = (string)snapshot.Single("Microsoft.KeyVault/vaults")["name"]!;
        var secrets = snapshot
            .Of("Microsoft.KeyVault/vaults/secrets")
            .ToDictionary(s => (string)s["properties"]!["contentType"]!, s => ((string)s["name"]!).Split('/')[1]);

        var references = snapshot
            .AppSettings.Where(s => s.Value.StartsWith("@Microsoft.KeyVault", StringComparison.Ordinal))
            .ToDictionary(s => s.Key, s => s.Value);

        Assert.Equal(
            secrets.Select(s => $"{s.Key}=@Microsoft.KeyVault(VaultName={vault};SecretName={s.Value})").Order(),
            references.Select(r => $"{r.Key}={r.Value}").Order()
        );
        Assert.Equal(
            Variant.Environment(variant).ContainsKey("EACHLABS_API_KEY"),
            references.ContainsKey("Leyden__Eachlabs__ApiKey")
        );
        Assert.Contains(references.Keys, key => key.StartsWith("Leyden__Keys__", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Links_to_pictures_are_readable_by_listed_web_pages_alone(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var rules = At(snapshot.Single("Microsoft.Storage/storageAccounts/blobServices"), "properties.cors.corsRules")!
            .AsArray();
        var api = At(snapshot.Single("Microsoft.Web/sites"), "properties.siteConfig.cors.allowedOrigins")?.AsArray();

        var origins = Variant.Environment(variant).GetValueOrDefault("LEYDEN_CORS_ORIGINS");
        var expected = origins?.Split(',') ?? [];
        Assert.Equal(expected, rules.SelectMany(r => r!["allowedOrigins"]!.AsArray()).Select(o => (string)o!));
        Assert.Equal(expected, (api ?? []).Select(o => (string)o!));
        Assert.All(rules, r => Assert.DoesNotContain("PUT", r!["allowedMethods"]!.AsArray().Select(m => (string)m!)));
    }

    private static JsonNode? At(JsonNode? node, string place) =>
        place.Split('.').Aggregate(node, (found, name) => (found as JsonObject)?[name]);
}
