using System.Globalization;
using System.Text.RegularExpressions;
using DurableTask.AzureStorage;

namespace Leyden.FunctionsHost;

/// <summary>
/// What <c>host.json</c> says, as far as it matters here. As in the real host, a setting named <c>AzureFunctionsJobHost__a__b</c> stands
/// over <c>a.b</c> in the file, and <c>%NAME%</c> in a text stands for a setting.
/// </summary>
internal sealed partial class HostFile(IConfiguration file, IConfiguration settings)
{
    private const string Overrides = "AzureFunctionsJobHost";

    /// <summary>Reads the file beside this program.</summary>
    public static HostFile Read(IConfiguration settings) =>
        new(
            new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "host.json"))
                .AddConfiguration(settings.GetSection(Overrides))
                .Build(),
            settings
        );

    /// <summary>The connection string of a connection.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string Connection(string? name) =>
        settings[string.IsNullOrEmpty(name) ? "AzureWebJobsStorage" : name]
        ?? throw new InvalidOperationException($"{name ?? "AzureWebJobsStorage"} must be a connection string.");

    /// <summary>A text with the settings that it names put in.</summary>
    public string Expand(string text) =>
        Reference().Replace(text, match => settings[match.Groups["name"].Value] ?? match.Value);

    /// <summary>How the host takes messages from queues.</summary>
    public QueueSettings Queues
    {
        get
        {
            var queues = file.GetSection("extensions:queues");
            return new QueueSettings(
                Number(queues["batchSize"], 16),
                Number(queues["maxDequeueCount"], 5),
                Span(queues["visibilityTimeout"], TimeSpan.Zero),
                Span(queues["maxPollingInterval"], TimeSpan.FromMinutes(1)),
                string.Equals(queues["messageEncoding"], "none", StringComparison.OrdinalIgnoreCase)
            );
        }
    }

    /// <summary>The task hub as the Durable extension makes it of these settings.</summary>
    public AzureStorageOrchestrationServiceSettings TaskHub
    {
        get
        {
            var durable = file.GetSection("extensions:durableTask");
            var provider = durable.GetSection("storageProvider");
            return new AzureStorageOrchestrationServiceSettings
            {
                StorageAccountClientProvider = new StorageAccountClientProvider(Connection(provider["connectionName"])),
                TaskHubName = Expand(durable["hubName"] ?? "TestHubName"),
                PartitionCount = Number(provider["partitionCount"], 4),
                MaxQueuePollingInterval = Span(provider["maxQueuePollingInterval"], TimeSpan.FromSeconds(30)),
                ControlQueueVisibilityTimeout = Span(
                    provider["controlQueueVisibilityTimeout"],
                    TimeSpan.FromMinutes(5)
                ),
                WorkItemQueueVisibilityTimeout = Span(
                    provider["workItemQueueVisibilityTimeout"],
                    TimeSpan.FromMinutes(5)
                ),
                MaxConcurrentTaskActivityWorkItems = Number(durable["maxConcurrentActivityFunctions"], 10),
                MaxConcurrentTaskOrchestrationWorkItems = Number(durable["maxConcurrentOrchestratorFunctions"], 10),
                UseTablePartitionManagement = true,
            };
        }
    }

    private static int Number(string? text, int otherwise) =>
        text is null ? otherwise : int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan Span(string? text, TimeSpan otherwise) =>
        text is null ? otherwise : TimeSpan.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("%(?<name>[^%]+)%")]
    private static partial Regex Reference();
}

/// <summary>How messages are taken from queues.</summary>
/// <param name="BatchSize">How many at once.</param>
/// <param name="MaxDequeueCount">How often one is tried before it goes to the poison queue.</param>
/// <param name="RetryDelay">How long one that failed is invisible.</param>
/// <param name="MaxPollingInterval">The longest pause between looks into an empty queue.</param>
/// <param name="IsPlain">Whether the text of a message is taken as it is, instead of as Base64.</param>
internal sealed record QueueSettings(
    int BatchSize,
    int MaxDequeueCount,
    TimeSpan RetryDelay,
    TimeSpan MaxPollingInterval,
    bool IsPlain
);
