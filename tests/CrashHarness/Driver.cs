using System.Globalization;
using DurableTask.Core;
using DurableTask.Core.Exceptions;

namespace Leyden.CrashHarness;

/// <summary>
/// Starts jobs and sends each its event, exactly until the engine has acknowledged it: what was acknowledged is noted in a file and never sent
/// again, so that an event or a start that the engine loses leaves its job unfinished for ever.
/// </summary>
internal sealed class Driver(TaskHubClient client, string folder)
{
    private static readonly OrchestrationStatus[] Any = Enum.GetValues<OrchestrationStatus>();

    public async Task StartAndSignalAsync(int jobs)
    {
        var startedFile = Path.Combine(folder, "started.log");
        var signalledFile = Path.Combine(folder, "signalled.log");
        var started = Read(startedFile);
        var signalled = Read(signalledFile);
        using var startedLog = new AppendOnlyFile(startedFile);
        using var signalledLog = new AppendOnlyFile(signalledFile);
        await Parallel.ForAsync(
            0,
            jobs,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, _) =>
            {
                if (!started.Contains(number))
                {
                    await StartAsync(number);
                    startedLog.Add($"{number}");
                }

                if (!signalled.Contains(number))
                {
                    await client.RaiseEventAsync(
                        new OrchestrationInstance { InstanceId = $"job-{number}" },
                        "go",
                        $"{number}"
                    );
                    signalledLog.Add($"{number}");
                }
            }
        );
    }

    public static async Task WaitForAllAsync(TaskHubClient client, int jobs)
    {
        for (var number = 0; number < jobs; number++)
        {
            await client.WaitForOrchestrationAsync(
                new OrchestrationInstance { InstanceId = $"job-{number}" },
                Timeout.InfiniteTimeSpan,
                CancellationToken.None
            );
        }
    }

    private static HashSet<int> Read(string file) =>
        File.Exists(file)
            ? [.. File.ReadLines(file).Select(line => int.Parse(line, CultureInfo.InvariantCulture))]
            : [];

    private async Task StartAsync(int number)
    {
        try
        {
            await client.CreateOrchestrationInstanceAsync(
                NameVersionHelper.GetDefaultName(typeof(Job)),
                NameVersionHelper.GetDefaultVersion(typeof(Job)),
                $"job-{number}",
                new JobState(number, 0, [], null),
                null,
                Any
            );
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Committed just before a kill, too late to be noted.
        }
    }
}
