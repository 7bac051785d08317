using System.Security.Cryptography;
using DurableTask.AzureStorage;
using Leyden.TestSupport;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>The engine of Durable Functions' default storage, on Azurite, with a task hub of its own.</summary>
public sealed class AzureStorageEngine(AzuriteFixture azurite) : Engine
{
    public override string Name => "Azure Storage";

    public override async Task<OwnedEngine> CreateAsync(CancellationToken cancellationToken)
    {
        var storage = await azurite.GetAsync(cancellationToken);
        var service = new AzureStorageOrchestrationService(
            new AzureStorageOrchestrationServiceSettings
            {
                StorageAccountClientProvider = new StorageAccountClientProvider(storage.ConnectionString),
                TaskHubName = "conformance" + RandomNumberGenerator.GetHexString(8, lowercase: true),
                PartitionCount = 2,
                // The default backs off to 30 seconds when idle: right for a bill, long for a test.
                MaxQueuePollingInterval = TimeSpan.FromMilliseconds(100),
            }
        );
        return new OwnedEngine(service, () => ValueTask.CompletedTask);
    }
}
