using System.Globalization;
using DurableTask.Core;
using Leyden.CrashHarness;
using Leyden.DurableTask.Sqlite;

// usage: Leyden.CrashHarness FOLDER killer | JOBS
if (args is [var killerFolder, "killer"])
{
    return await Killer.RunAsync(killerFolder);
}

// Takes up whatever the folder holds, brings the number of jobs up to JOBS, and ends with 0 once all of them have finished. May be killed at any
// moment and started again.
var folder = args[0];
var jobs = int.Parse(args[1], CultureInfo.InvariantCulture);
await using var service = new SqliteOrchestrationService(
    new SqliteOrchestrationOptions
    {
        Path = Path.Combine(folder, "engine.db"),
        // A kill is not the fault of what was in hand: with a kill each second, nothing here is poison.
        MaxDeliveryAttempts = 1000,
    }
);
using var effects = new AppendOnlyFile(Path.Combine(folder, "effects.log"));
using var worker = new TaskHubWorker(service) { ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails };
worker.AddTaskOrchestrations(typeof(Job), typeof(Child));
worker.AddTaskActivities(new EffectCreator(effects));
await service.CreateIfNotExistsAsync();
await worker.StartAsync();
Console.WriteLine("ready");

var client = new TaskHubClient(service);
var driver = new Driver(client, folder);
await driver.StartAndSignalAsync(jobs);
await Driver.WaitForAllAsync(client, jobs);
await worker.StopAsync(isForced: false);
return 0;
