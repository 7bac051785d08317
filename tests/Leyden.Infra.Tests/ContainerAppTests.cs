using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Leyden.Backends;

namespace Leyden.Infra.Tests;

/// <summary>The container app with the GPU: its door, and limits of Container Apps that Bicep does not check.</summary>
public sealed partial class ContainerAppTests
{
    // Container Apps takes no values beyond these.
    private static readonly (string Name, int Min, int Max)[] ProbeLimits =
    [
        ("initialDelaySeconds", 1, 60),
        ("periodSeconds", 1, 240),
        ("timeoutSeconds", 1, 240),
        ("failureThreshold", 1, 10),
        ("successThreshold", 1, 10),
    ];

    public static TheoryData<string> WithGpu =>
        [.. Variant.Names.Where(v => Variant.Environment(v).ContainsKey("LEYDEN_GPU"))];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task There_is_a_container_app_where_a_GPU_is_asked_for(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var isAsked = Variant.Environment(variant).ContainsKey("LEYDEN_GPU");

        Assert.Equal(isAsked, snapshot.HasContainer);
        Assert.Equal(isAsked, snapshot.AppSettings.ContainsKey("Leyden__Container__BaseUrl"));
        Assert.Equal(isAsked, snapshot.Of("Microsoft.App/managedEnvironments").Any());
    }

    [Theory]
    [MemberData(nameof(WithGpu))]
    public async Task Its_door_is_never_open(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var environment = snapshot.Single("Microsoft.App/managedEnvironments")["properties"]!;
        var isPrivate = Variant.Environment(variant).GetValueOrDefault("LEYDEN_NETWORK", "private") == "private";
        var auth = snapshot.Of("Microsoft.App/containerApps/authConfigs").SingleOrDefault();

        Assert.Equal(isPrivate, (bool?)environment["vnetConfiguration"]?["internal"] ?? false);
        Assert.Equal(isPrivate ? "Disabled" : "Enabled", (string?)environment["publicNetworkAccess"]);
        Assert.True(isPrivate || auth is not null);
        // Reachable from the function app's subnet: false would be for apps of the same environment alone.
        Assert.True((bool)Ingress(snapshot)["external"]!);
        Assert.Equal(auth is not null, snapshot.AppSettings.ContainsKey("Leyden__Container__Audience"));
    }

    [Theory]
    [MemberData(nameof(WithGpu))]
    public async Task Authentication_lets_the_function_app_in_and_nobody_else(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        if (snapshot.Of("Microsoft.App/containerApps/authConfigs").SingleOrDefault()?["properties"] is not { } auth)
        {
            Assert.DoesNotContain("LEYDEN_CONTAINER_AUTH_CLIENT_ID", Variant.Environment(variant).Keys);
            return;
        }

        var entra = auth["identityProviders"]!["azureActiveDirectory"]!;
        var policy = entra["validation"]!["defaultAuthorizationPolicy"]!;
        var client = Variant.Environment(variant)["LEYDEN_CONTAINER_AUTH_CLIENT_ID"];
        Assert.True((bool)auth["platform"]!["enabled"]!);
        Assert.Equal("Return401", (string?)auth["globalValidation"]!["unauthenticatedClientAction"]);
        Assert.Null(auth["globalValidation"]!["excludedPaths"]);
        Assert.Equal(client, (string?)entra["registration"]!["clientId"]);
        Assert.Contains(client, entra["validation"]!["allowedAudiences"]!.AsArray().Select(a => (string)a!));
        Assert.Equal(client, snapshot.AppSettings["Leyden__Container__Audience"]);
        Assert.Contains(
            "id-app-",
            (string)policy["allowedApplications"]!.AsArray().Single()!,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "id-app-",
            (string)policy["allowedPrincipals"]!["identities"]!.AsArray().Single()!,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(WithGpu))]
    public async Task Probes_are_within_the_limits(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var probes = snapshot.Container["probes"]!.AsArray().Select(p => p!.AsObject()).ToList();
        var port = (int)Ingress(snapshot)["targetPort"]!;

        Assert.Equal(["Liveness", "Startup"], probes.Select(p => (string)p["type"]!).Order());
        Assert.All(probes, p => Assert.Equal(port, (int)p["httpGet"]!["port"]!));
        Assert.All(
            ProbeLimits.SelectMany(limit =>
                probes.Where(p => p[limit.Name] is not null).Select(p => (limit, Value: (int)p[limit.Name]!))
            ),
            p => Assert.InRange(p.Value, p.limit.Min, p.limit.Max)
        );
        var path = (string)probes[0]["httpGet"]!["path"]!;
        Assert.Equal(IsModelServer(snapshot) ? "/healthz" : "/health-check", path);
    }

    [Theory]
    [MemberData(nameof(WithGpu))]
    public async Task It_runs_an_image_by_digest_on_a_GPU_and_sleeps_unused(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var app = snapshot.Single("Microsoft.App/containerApps")["properties"]!;
        var scale = app["template"]!["scale"]!;
        var profiles = snapshot.Single("Microsoft.App/managedEnvironments")["properties"]![
            "workloadProfiles"
        ]!.AsArray();
        var profile = (string)profiles.Single(p => (string?)p!["name"] == "gpu")!["workloadProfileType"]!;
        var isA100 = Variant.Environment(variant)["LEYDEN_GPU"] == "A100";

        Assert.Matches(Digest(), (string)snapshot.Container["image"]!);
        Assert.Equal("gpu", (string?)app["workloadProfileName"]);
        Assert.Equal(isA100 ? "Consumption-GPU-NC24-A100" : "Consumption-GPU-NC8as-T4", profile);
        Assert.Equal(isA100 ? ("24.0", "220Gi") : ("8.0", "56Gi"), Size(snapshot.Container["resources"]!));
        Assert.Equal(0, (int)scale["minReplicas"]!);
        Assert.Equal(new RoutingRule().WarmTime.TotalSeconds, (int)scale["cooldownPeriod"]!);
        // Each replica has one place, and the app knows how many there are.
        Assert.Equal("1", (string?)scale["rules"]!.AsArray().Single()!["http"]!["metadata"]!["concurrentRequests"]);
        Assert.Equal($"{scale["maxReplicas"]}", snapshot.AppSettings["Leyden__Container__MaxConcurrent"]);
    }

    [Theory]
    [MemberData(nameof(WithGpu))]
    public async Task A_published_image_gets_no_tokens(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var configuration = snapshot.Single("Microsoft.App/containerApps")["properties"]!["configuration"]!;
        var settings = configuration["identitySettings"]!.AsArray().Single()!;

        Assert.Equal(IsModelServer(snapshot) ? "Main" : "None", (string?)settings["lifecycle"]);
        Assert.Equal(IsModelServer(snapshot), snapshot.ContainerSettings.ContainsKey("AZURE_CLIENT_ID"));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task A_private_network_resolves_the_names_of_the_environment(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var network = snapshot.Of("Microsoft.Network/virtualNetworks").SingleOrDefault();
        var environment = Variant.Environment(variant);
        Assert.Equal(
            environment.ContainsKey("LEYDEN_GPU") && environment.GetValueOrDefault("LEYDEN_NETWORK") != "public",
            network is not null
        );
        var subnet = (string?)snapshot.Single("Microsoft.Web/sites")["properties"]!["virtualNetworkSubnetId"];
        if (network is null)
        {
            Assert.Null(subnet);
            return;
        }

        var subnets = network["properties"]!["subnets"]!.AsArray();
        Assert.Equal($"{network["id"]}/subnets/functions", subnet);
        Assert.Equal(
            $"{network["id"]}/subnets/containers",
            (string?)
                snapshot.Single("Microsoft.App/managedEnvironments")["properties"]!["vnetConfiguration"]![
                    "infrastructureSubnetId"
                ]
        );
        Assert.All(
            subnets,
            s =>
                Assert.Equal(
                    "Microsoft.App/environments",
                    (string?)s!["properties"]!["delegations"]!.AsArray().Single()!["properties"]!["serviceName"]
                )
        );
        Assert.Contains(
            ".defaultDomain",
            (string)snapshot.Single("Microsoft.Network/privateDnsZones")["name"]!,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'*'",
            (string)snapshot.Single("Microsoft.Network/privateDnsZones/A")["name"]!,
            StringComparison.Ordinal
        );
        Assert.Equal(
            (string?)network["id"],
            (string?)
                snapshot.Single("Microsoft.Network/privateDnsZones/virtualNetworkLinks")["properties"]![
                    "virtualNetwork"
                ]!["id"]
        );
    }

    private static JsonNode Ingress(Snapshot snapshot) =>
        snapshot.Single("Microsoft.App/containerApps")["properties"]!["configuration"]!["ingress"]!;

    private static bool IsModelServer(Snapshot snapshot) =>
        snapshot.AppSettings["Leyden__Container__Image"] == "model-server";

    private static (string Cpu, string Memory) Size(JsonNode resources) =>
        (resources["cpu"]!.ToJsonString(), (string)resources["memory"]!);

    [GeneratedRegex("^[a-z0-9./:-]+@sha256:[0-9a-f]{64}$")]
    private static partial Regex Digest();
}
