using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Leyden.DurableTask.Sqlite;
using Microsoft.Data.Sqlite;

namespace Leyden.Benchmarks.Engine;

/// <summary>What a start on a file with many instances costs.</summary>
internal sealed record StartResult(
    int Finished,
    int Sleeping,
    double FileMegabytes,
    double StartMilliseconds,
    double FirstResultMilliseconds,
    double HeapMegabytes,
    double WorkingSetMegabytes
);

/// <summary>
/// Makes a file with many finished and sleeping instances and starts the engine on it in a process of its own. The engine itself makes one instance of
/// each kind; the others are copies of their rows under ids of their own.
/// </summary>
internal static class EngineStart
{
    /// <summary>The verb of the measured process.</summary>
    public const string Verb = "engine-start";

    private const double Megabyte = 1024 * 1024;

    public static async Task<StartResult> MeasureAsync(int finished, int sleeping, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("leyden-bench-");
        try
        {
            var path = Path.Combine(directory.FullName, "engine.db");
            if (finished > 0)
            {
                await SeedAsync(path);
                await MultiplyAsync(path, finished, sleeping, cancellationToken);
            }

            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            {
                start.ArgumentList.Add(typeof(EngineStart).Assembly.Location);
            }

            start.ArgumentList.Add(Verb);
            start.ArgumentList.Add(path);
            using var process = Process.Start(start)!;
            var line = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return JsonSerializer.Deserialize<StartResult>(line)! with { Finished = finished, Sleeping = sleeping };
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The measured process.</summary>
    public static async Task<int> RunAsync(string path)
    {
        var began = Stopwatch.GetTimestamp();
        var service = new SqliteOrchestrationService(new SqliteOrchestrationOptions { Path = path });
        await using var engine = await RunningEngine.StartAsync(service, service.DisposeAsync);
        var started = Stopwatch.GetElapsedTime(began);
        var instance = await engine.Client.CreateOrchestrationInstanceAsync(typeof(ThreeActivities), 1);
        await engine.Client.WaitForOrchestrationAsync(instance, TimeSpan.FromMinutes(5), CancellationToken.None);
        var first = Stopwatch.GetElapsedTime(began);
        var result = new StartResult(
            0,
            0,
            new FileInfo(path).Length / Megabyte,
            started.TotalMilliseconds,
            first.TotalMilliseconds,
            GC.GetTotalMemory(forceFullCollection: true) / Megabyte,
            Environment.WorkingSet / Megabyte
        );
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }

    private static async Task SeedAsync(string path)
    {
        var service = new SqliteOrchestrationService(new SqliteOrchestrationOptions { Path = path });
        await using var engine = await RunningEngine.StartAsync(service, service.DisposeAsync);
        var finished = await engine.Client.CreateOrchestrationInstanceAsync(typeof(ThreeActivities), "finished", 1);
        await engine.Client.WaitForOrchestrationAsync(finished, TimeSpan.FromMinutes(1), CancellationToken.None);
        await engine.Client.CreateOrchestrationInstanceAsync(typeof(Sleeper), "sleeping", 1);
        while (
            (await service.GetOrchestrationHistoryAsync("sleeping", null)).Contains(
                "TimerCreated",
                StringComparison.Ordinal
            )
                is false
        )
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task MultiplyAsync(
        string path,
        int finished,
        int sleeping,
        CancellationToken cancellationToken
    )
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await CopyAsync(connection, "finished", finished, firstKey: 1_000_000, cancellationToken);
        await CopyAsync(connection, "sleeping", sleeping, firstKey: 2_000_000, cancellationToken);
        await using var checkpoint = connection.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await checkpoint.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CopyAsync(
        SqliteConnection connection,
        string id,
        int count,
        int firstKey,
        CancellationToken cancellationToken
    )
    {
        var numbers =
            $"WITH RECURSIVE n(i) AS (SELECT {firstKey} UNION ALL SELECT i+1 FROM n WHERE i<{firstKey + count - 2}) ";
        var one = $"(SELECT instance_key FROM instances WHERE instance_id='{id}')";
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants and numbers of this file.
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            BEGIN;
            INSERT INTO instances {numbers}
              SELECT i, instance_id || '-' || i, execution_id, first_execution_id, name, version, status, created_at, updated_at, completed_at,
                scheduled_at, input, output, custom_status, failure, parent, tags FROM n, instances WHERE instance_key={one};
            INSERT INTO history {numbers} SELECT i, sequence, event FROM n, history WHERE instance_key={one};
            INSERT INTO inbox {numbers}
              SELECT i, message_id, execution_id, visible_from, attempts, charged_in, message FROM n, inbox WHERE instance_key={one};
            COMMIT;
            """
        );
#pragma warning restore CA2100
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
