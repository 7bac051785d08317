using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Leyden.Intake;

namespace Leyden.Functions.Tests;

/// <summary>
/// Holds <c>host.json</c> to the ranges that the host demands, which it only tells by answering 503 to everything, and to the document
/// that gives a reason for each setting.
/// </summary>
public sealed partial class HostFileTests
{
    private const string Storage = "extensions.durableTask.storageProvider.";

    private static readonly Dictionary<string, Func<JsonNode, bool>> Rules = new()
    {
        ["version"] = Is("2.0"),
        ["telemetryMode"] = Is("OpenTelemetry"),
        ["functionTimeout"] = Span(TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(10)),
        ["extensions.http.routePrefix"] = Is(""),
        ["extensions.durableTask.hubName"] = value => HubName().IsMatch((string)value!),
        [$"{Storage}type"] = Is("AzureStorage"),
        [$"{Storage}connectionName"] = Is(FunctionsApp.HostStorage),
        [$"{Storage}partitionCount"] = Number(1, 16),
        [$"{Storage}maxQueuePollingInterval"] = Span(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)),
        [$"{Storage}controlQueueVisibilityTimeout"] = Span(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(60)),
        [$"{Storage}workItemQueueVisibilityTimeout"] = Span(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(60)),
        ["extensions.durableTask.maxConcurrentActivityFunctions"] = Number(1, 1000),
        ["extensions.durableTask.maxConcurrentOrchestratorFunctions"] = Number(1, 1000),
        ["extensions.durableTask.tracing.distributedTracingEnabled"] = value => (bool)value,
        ["extensions.durableTask.tracing.version"] = Is("V2"),
        ["extensions.queues.messageEncoding"] = Is("none"),
        ["extensions.queues.batchSize"] = Number(1, 32),
        ["extensions.queues.newBatchThreshold"] = Number(0, 32),
        ["extensions.queues.maxDequeueCount"] = Number(1, 100),
        ["extensions.queues.visibilityTimeout"] = Span(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        ["extensions.queues.maxPollingInterval"] = Span(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
    };

    private static readonly string[] LogLevels = ["Information", "Warning", "Error"];

    private static string Document => File.ReadAllText(Path.Combine(BuiltApp.Repository, "docs", "functions-host.md"));

    [Fact]
    public void Every_setting_is_one_that_is_known_here_and_in_its_range()
    {
        var settings = Settings("host.json").ToList();

        Assert.Equal(Rules.Keys.Order(), settings.Select(s => s.Name).Where(name => !IsLogLevel(name)).Order());
        Assert.All(
            settings.Where(s => !IsLogLevel(s.Name)),
            s => Assert.True(Rules[s.Name](s.Value), $"{s.Name} is {s.Value}.")
        );
        Assert.All(settings.Where(s => IsLogLevel(s.Name)), s => Assert.Contains((string)s.Value!, LogLevels));
    }

    [Theory]
    [InlineData("host.json")]
    [InlineData("host.azuremanaged.json")]
    public void The_document_has_each_setting_with_its_value(string file) =>
        Assert.All(
            Settings(file),
            s =>
            {
                var value = s.Value.ToString() is { Length: > 0 } text ? $"`{text}`" : "empty";
                var rows = Document
                    .Split('\n')
                    .Where(l => l.StartsWith($"| `{s.Name}` | {value} | ", StringComparison.OrdinalIgnoreCase));
                Assert.True(rows.Any(), $"docs/functions-host.md has no row for {s.Name} = {value}.");
            }
        );

    [Fact]
    public void The_document_has_no_other_settings()
    {
        var known = Settings("host.json").Concat(Settings("host.azuremanaged.json")).Select(s => s.Name).ToHashSet();
        var rows = Row().Matches(Document).Select(m => m.Groups["name"].Value);

        Assert.All(rows, name => Assert.Contains(name, known));
    }

    [Fact]
    public void The_file_for_the_managed_scheduler_differs_in_the_storage_provider_alone()
    {
        Assert.Equal(Others("host.json"), Others("host.azuremanaged.json"));

        static IEnumerable<string> Others(string file) =>
            Settings(file)
                .Where(s => !s.Name.StartsWith(Storage, StringComparison.Ordinal))
                .Select(s => $"{s.Name} = {s.Value}");
    }

    [Fact]
    public void A_message_is_given_up_at_the_delivery_that_is_the_last_in_either_host() =>
        Assert.All(
            Settings("host.json").Where(s => s.Name == "extensions.queues.maxDequeueCount"),
            s => Assert.Equal(new QueueOptions().MaxDequeueCount, (int)s.Value)
        );

    [Fact]
    public void The_build_has_the_files_that_the_repository_has_at_its_top_level()
    {
        foreach (var name in new[] { "host.json", "host.azuremanaged.json" })
        {
            var top = File.ReadAllText(Path.Combine(BuiltApp.Repository, name));
            Assert.Equal(top, File.ReadAllText(Path.Combine(BuiltApp.Folder, name)));
        }
    }

    private static IEnumerable<(string Name, JsonNode Value)> Settings(string file) =>
        Flatten(JsonNode.Parse(File.ReadAllText(Path.Combine(BuiltApp.Repository, file)))!, "");

    private static IEnumerable<(string Name, JsonNode Value)> Flatten(JsonNode node, string path) =>
        node is JsonObject parent
            ? parent.SelectMany(child => Flatten(child.Value!, path.Length == 0 ? child.Key : $"{path}.{child.Key}"))
            : [(path, node)];

    private static bool IsLogLevel(string name) => name.StartsWith("logging.logLevel.", StringComparison.Ordinal);

    private static Func<JsonNode, bool> Is(string expected) => value => (string?)value == expected;

    private static Func<JsonNode, bool> Number(int least, int most) =>
        value => (int)value >= least && (int)value <= most;

    private static Func<JsonNode, bool> Span(TimeSpan least, TimeSpan most) =>
        value =>
            TimeSpan.TryParseExact((string?)value, "c", CultureInfo.InvariantCulture, out var span)
            && span >= least
            && span <= most;

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]{2,44}\z")]
    private static partial Regex HubName();

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
