using System.Text.Json.Nodes;
using Leyden.Intake;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Infra.Tests;

/// <summary>What is in the storage account has the names that the code uses.</summary>
public sealed class StorageTests
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Containers_and_queues_are_those_of_the_code(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var containers = Names(snapshot, "Microsoft.Storage/storageAccounts/blobServices/containers");
        var package = (string)
            snapshot.Single("Microsoft.Web/sites")["properties"]!["functionAppConfig"]!["deployment"]!["storage"]![
                "value"
            ]!;

        Assert.Equal(
            new[] { StorageOptions.DefaultContainer, "deployments" }
                .Concat(Variant.Environment(variant).ContainsKey("LEYDEN_MODEL_FOLDER") ? ["models"] : [])
                .Order(),
            containers.Order()
        );
        Assert.Contains("deployments", package, StringComparison.Ordinal);
        Assert.Equal(
            [QueueOptions.Name, QueueOptions.PoisonName],
            Names(snapshot, "Microsoft.Storage/storageAccounts/queueServices/queues")
        );
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task What_is_forgotten_is_deleted_long_after_the_app_should_have(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var rules = snapshot.Single("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]!["policy"]![
            "rules"
        ]!.AsArray();
        var days = rules.ToDictionary(r => (string)r!["name"]!, Days);
        var prefixes = rules.SelectMany(Prefixes).ToList();
        var retention = TimeSpan.Parse(
            snapshot.AppSettings["Leyden__Predictions__Retention"],
            System.Globalization.CultureInfo.InvariantCulture
        );

        Assert.Equal(retention.TotalDays, days["uploads"]);
        Assert.True(days["forgotten-predictions"] >= retention.TotalDays + 30);
        Assert.Contains($"{StorageOptions.DefaultContainer}/{PredictionKeys.Records}", prefixes);
        Assert.Contains($"{StorageOptions.DefaultContainer}/uploads/", prefixes);
        // Those have no age: without them links, ledgers and receivers are lost, or predictions never end.
        Assert.All(
            ["secrets/", "backends/", "endpoints/", PredictionKeys.Open, "open-batches/"],
            kept =>
                Assert.DoesNotContain(
                    prefixes,
                    p => $"{StorageOptions.DefaultContainer}/{kept}".StartsWith(p, StringComparison.Ordinal)
                )
        );
        Assert.All(
            prefixes,
            p => Assert.StartsWith($"{StorageOptions.DefaultContainer}/", p, StringComparison.Ordinal)
        );
        Assert.All(prefixes, p => Assert.EndsWith("/", p, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Uploaded_batches_become_messages_of_the_queue(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var subscription = snapshot.Single("Microsoft.EventGrid/systemTopics/eventSubscriptions")["properties"]!;
        var destination = subscription["deliveryWithResourceIdentity"]!["destination"]!;

        Assert.Equal(QueueOptions.Name, (string?)destination["properties"]!["queueName"]);
        Assert.Equal(
            $"/blobServices/default/containers/{StorageOptions.DefaultContainer}/blobs/uploads/",
            (string?)subscription["filter"]!["subjectBeginsWith"]
        );
        Assert.Equal("CloudEventSchemaV1_0", (string?)subscription["eventDeliverySchema"]);
    }

    private static List<string> Names(Snapshot snapshot, string type) =>
        [.. snapshot.Of(type).Select(r => ((string)r["name"]!).Split('/')[^1])];

    private static double Days(JsonNode? rule) =>
        (double)rule!["definition"]!["actions"]!["baseBlob"]!["delete"]!["daysAfterModificationGreaterThan"]!;

    private static IEnumerable<string> Prefixes(JsonNode? rule) =>
        rule!["definition"]!["filters"]!["prefixMatch"]!.AsArray().Select(p => (string)p!);
}
