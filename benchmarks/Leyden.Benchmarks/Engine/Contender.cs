using System.Security.Cryptography;
using DurableTask.AzureStorage;
using DurableTask.Core;
using Leyden.DurableTask.Sqlite;
using Leyden.TestSupport;
using Microsoft.DurableTask.Testing.Sidecar;

namespace Leyden.Benchmarks.Engine;

/// <summary>An engine in the race.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Survives">What an acknowledged step survives, for the table.</param>
/// <param name="Latency">Sequential runs measured.</param>
/// <param name="Throughput">Concurrent runs measured.</param>
/// <param name="Polls">
/// Whether its client waits for completion by polling every two seconds; then latencies are measured by asking for the state every 10 ms instead.
/// </param>
/// <param name="StartAsync">Starts the engine with a worker on it.</param>
internal sealed record Contender(
    string Name,
    string Survives,
    int Latency,
    int Throughput,
    bool Polls,
    Func<CancellationToken, Task<RunningEngine>> StartAsync
)
{
    public static IEnumerable<Contender> All(bool quick)
    {
        var (latency, throughput) = quick ? (50, 200) : (300, 1000);
        yield return new(
            "in memory (InMemoryOrchestrationService)",
            "nothing",
            latency,
            throughput,
            Polls: false,
            async _ => await RunningEngine.StartAsync(new InMemoryOrchestrationService(), () => ValueTask.CompletedTask)
        );
        yield return Sqlite(SqliteSynchronous.Normal, "process crash", latency, throughput);
        yield return Sqlite(SqliteSynchronous.Full, "process crash, power loss", latency, throughput);
        yield return AzureStorage("in memory", "nothing (emulator)", onDisk: false, quick);
        yield return AzureStorage("on disk", "process crash of the worker", onDisk: true, quick);
    }

    private static Contender Sqlite(SqliteSynchronous level, string survives, int latency, int throughput) =>
        new(
            $"Leyden.DurableTask.Sqlite, synchronous={level.ToString().ToUpperInvariant()}",
            survives,
            latency,
            throughput,
            Polls: false,
            async _ =>
            {
                var directory = Directory.CreateTempSubdirectory("leyden-bench-");
                var service = new SqliteOrchestrationService(
                    new SqliteOrchestrationOptions
                    {
                        Path = Path.Combine(directory.FullName, "engine.db"),
                        Synchronous = level,
                    }
                );
                return await RunningEngine.StartAsync(
                    service,
                    async () =>
                    {
                        await service.DisposeAsync();
                        directory.Delete(recursive: true);
                    }
                );
            }
        );

    private static Contender AzureStorage(string where, string survives, bool onDisk, bool quick) =>
        new(
            $"DurableTask.AzureStorage on Azurite {where}",
            survives,
            Latency: quick ? 10 : 30,
            Throughput: quick ? 20 : 200,
            Polls: true,
            async cancellationToken =>
            {
                var directory = Directory.CreateTempSubdirectory("leyden-bench-");
                var azurite = await Azurite.StartAsync(onDisk ? directory.FullName : null, cancellationToken);
                var service = new AzureStorageOrchestrationService(
                    new AzureStorageOrchestrationServiceSettings
                    {
                        StorageAccountClientProvider = new StorageAccountClientProvider(azurite.ConnectionString),
                        TaskHubName = "bench" + RandomNumberGenerator.GetHexString(8, lowercase: true),
                        PartitionCount = 4,
                        MaxQueuePollingInterval = TimeSpan.FromMilliseconds(100),
                        MaxConcurrentTaskOrchestrationWorkItems = 64,
                        MaxConcurrentTaskActivityWorkItems = 64,
                    }
                );
                return await RunningEngine.StartAsync(
                    service,
                    async () =>
                    {
                        await azurite.DisposeAsync();
                        directory.Delete(recursive: true);
                    }
                );
            }
        );
}

/// <summary>An engine with a worker on it.</summary>
internal sealed class RunningEngine(TaskHubWorker worker, TaskHubClient client, Func<ValueTask> stop) : IAsyncDisposable
{
    public TaskHubClient Client => client;

    public static async Task<RunningEngine> StartAsync<T>(T service, Func<ValueTask> stop)
        where T : IOrchestrationService, IOrchestrationServiceClient
    {
        await service.CreateIfNotExistsAsync();
        var worker = new TaskHubWorker(service) { ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails };
        worker.AddTaskOrchestrations(typeof(ThreeActivities), typeof(ThreeSlowActivities), typeof(Sleeper));
        worker.AddTaskActivities(typeof(AddOne), typeof(SlowAddOne));
        await worker.StartAsync();
        return new RunningEngine(worker, new TaskHubClient(service), stop);
    }

    public async ValueTask DisposeAsync()
    {
        await worker.StopAsync(isForced: false);
        worker.Dispose();
        await stop();
    }
}
