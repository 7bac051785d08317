using System.Text.Json.Nodes;

namespace Leyden.Infra.Tests;

/// <summary>The function app: what it runs on, and what azd looks for.</summary>
public sealed class FunctionAppTests
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task It_runs_dotnet_10_on_Flex_Consumption_with_room_for_orchestrations(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var site = snapshot.Single("Microsoft.Web/sites")["properties"]!;
        var config = site["functionAppConfig"]!;
        var ready = Variant.Environment(variant).GetValueOrDefault("LEYDEN_ALWAYS_READY_INSTANCES", "1");

        Assert.Equal("FlexConsumption", (string?)snapshot.Single("Microsoft.Web/serverfarms")["sku"]!["tier"]);
        Assert.Equal("dotnet-isolated 10.0", $"{config["runtime"]!["name"]} {config["runtime"]!["version"]}");
        Assert.Equal(
            ready == "0" ? [] : [$"durable {ready}"],
            config["scaleAndConcurrency"]!["alwaysReady"]!.AsArray().Select(a => $"{a!["name"]} {a["instanceCount"]}")
        );
        Assert.Equal("UserAssignedIdentity", (string?)config["deployment"]!["storage"]!["authentication"]!["type"]);
        Assert.Contains("/id-app-", (string)site["keyVaultReferenceIdentity"]!, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Azd_finds_the_service_once_and_the_environment_everywhere(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);

        var service = Assert.Single(snapshot.Resources, r => r["tags"]?["azd-service-name"] is not null);
        Assert.Equal("Microsoft.Web/sites", (string?)service["type"]);
        Assert.Equal("api", (string?)service["tags"]!["azd-service-name"]);
        Assert.All(
            snapshot.Resources.Where(r => r["location"] is not null),
            r => Assert.Equal("leyden", (string?)r["tags"]?["azd-env-name"])
        );
        Assert.Equal("rg-leyden", (string?)snapshot.Content["outputs"]!["AZURE_RESOURCE_GROUP"]);
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task The_task_hub_is_where_the_host_file_says(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var isScheduler = Variant.Environment(variant).GetValueOrDefault("LEYDEN_DURABLE_BACKEND") == "azureManaged";
        var durable = HostFile(isScheduler ? "host.azuremanaged.json" : "host.json")["extensions"]!["durableTask"]!;
        var provider = durable["storageProvider"]!;

        Assert.Equal(isScheduler ? "azureManaged" : "AzureStorage", (string?)provider["type"]);
        if (isScheduler)
        {
            var hub = snapshot.Single("Microsoft.DurableTask/schedulers/taskHubs");
            Assert.Equal((string?)durable["hubName"], ((string)hub["name"]!).Split('/')[^1]);
            var connection = snapshot.AppSettings[(string)provider["connectionStringName"]!];
            Assert.Contains("Authentication=ManagedIdentity", connection, StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(snapshot.Of("Microsoft.DurableTask/schedulers"));
            Assert.Contains($"{provider["connectionName"]}__accountName", snapshot.AppSettings.Keys);
        }
    }

    [Theory]
    [InlineData("AzureStorage", "host.json")]
    [InlineData("azureManaged", "host.azuremanaged.json")]
    public async Task The_package_has_the_host_file_of_the_backend(string backend, string file)
    {
        // azd gives its environment to dotnet publish, and variables are properties of MSBuild.
        var said = await Commands.RunAsync(
            "dotnet",
            [
                "msbuild",
                Path.Combine(Repository.Root, "src", "Leyden.Functions"),
                "-getItem:None",
                "-getItem:PackageReference",
            ],
            new Dictionary<string, string> { ["LEYDEN_DURABLE_BACKEND"] = backend, ["MSBUILDDISABLENODEREUSE"] = "1" },
            Repository.Root
        );
        Assert.True(said.Code == 0, said.Output + said.Errors);

        var items = JsonNode.Parse(said.Output)!["Items"]!;
        var host = items["None"]!.AsArray().Single(i => (string?)i!["Link"] == "host.json")!;
        Assert.Equal(file, Path.GetFileName((string)host["Identity"]!));
        Assert.Equal("Always", (string?)host["CopyToPublishDirectory"]);
        Assert.Equal(
            backend == "azureManaged",
            items["PackageReference"]!
                .AsArray()
                .Any(p => ((string)p!["Identity"]!).EndsWith(".AzureManaged", StringComparison.Ordinal))
        );
    }

    private static JsonNode HostFile(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, name)))!;
}
