using System.Diagnostics;
using System.Security.Cryptography;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using TraceContext = DurableTask.Core.Tracing.DistributedTraceContext;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>Starts instances, with the same rules for ids that are taken on every engine.</summary>
internal sealed class InstanceStarts(IOrchestrationServiceClient engine)
{
    /// <summary>Engines take a time-out, and not all take an infinite one.</summary>
    private static readonly TimeSpan EndWait = TimeSpan.FromHours(1);

    private static readonly OrchestrationStatus[] ActiveStatuses =
    [
        OrchestrationStatus.Pending,
        OrchestrationStatus.Running,
        OrchestrationStatus.Suspended,
    ];

    /// <summary>
    /// Starts an instance, by default only under an id that is free or whose instance has ended; returns the id.
    /// </summary>
    /// <exception cref="OrchestrationAlreadyExistsException">The id is taken.</exception>
    /// <exception cref="ArgumentException">
    /// <see cref="StartOrchestrationOptions.DedupeStatuses"/> has an unknown word, or lets a running instance be replaced
    /// but not a terminated one: to replace it is to terminate it first.
    /// </exception>
    public async Task<string> StartAsync(
        ExecutionStartedEvent started,
        StartOrchestrationOptions? options,
        CancellationToken cancellation
    )
    {
        var id = string.IsNullOrEmpty(options?.InstanceId) ? NewId() : options.InstanceId;
        if (options?.DedupeStatuses is not { } words)
        {
            await StartAsync(started, id, ActiveStatuses);
            return id;
        }

        var refused = words.Select(ParseStatus).ToArray();
        if (refused.Contains(OrchestrationStatus.Terminated) && ActiveStatuses.Except(refused).Any())
        {
            throw new ArgumentException(
                "With 'Terminated' among the de-duplication statuses, all of Pending, Running and Suspended must be too.",
                nameof(options)
            );
        }

        await EndReplacedAsync(id, refused, cancellation);
        await StartAsync(started, id, refused);
        return id;
    }

    /// <summary>Starts an instance under a new id, or under one whose instance has ended.</summary>
    /// <exception cref="OrchestrationAlreadyExistsException">The id is taken.</exception>
    public async Task<string> RestartAsync(ExecutionStartedEvent started, string? instanceId)
    {
        var id = instanceId ?? NewId();
        await StartAsync(started, id, ActiveStatuses);
        return id;
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static OrchestrationStatus ParseStatus(string word) =>
        Enum.TryParse<OrchestrationRuntimeStatus>(word, ignoreCase: true, out var status) && Enum.IsDefined(status)
            ? InstanceMetadata.StatusTo(status)
            : throw new ArgumentException($"'{word}' is no status of an orchestration.", nameof(word));

    private async Task StartAsync(ExecutionStartedEvent started, string id, OrchestrationStatus[] refused)
    {
        // Azure Storage ignores such a start silently unless told otherwise, and then nobody knows whose instance runs.
        if (await FindAsync(id) is { } existing && refused.Contains(existing.OrchestrationStatus))
        {
            throw new OrchestrationAlreadyExistsException(
                $"An orchestration with id '{id}' already exists; it is {existing.OrchestrationStatus}."
            );
        }

        var instance = new OrchestrationInstance { InstanceId = id, ExecutionId = NewId() };
        started.OrchestrationInstance = instance;
        if (Activity.Current is { Id: { } trace } activity)
        {
            started.ParentTraceContext = new TraceContext(trace, activity.TraceStateString);
        }

        var message = new TaskMessage { OrchestrationInstance = instance, Event = started };
        await engine.CreateTaskOrchestrationAsync(message, refused);
    }

    private async Task EndReplacedAsync(string id, OrchestrationStatus[] refused, CancellationToken cancellation)
    {
        var state = await FindAsync(id);
        if (state is null || InstanceMetadata.HasEnded(state.OrchestrationStatus) || IsRefused(state))
        {
            return;
        }

        await engine.ForceTerminateTaskOrchestrationAsync(id, "Replaced by a new start under the same id.");
        while (state is not null && !InstanceMetadata.HasEnded(state.OrchestrationStatus))
        {
            state = await engine.WaitForOrchestrationAsync(id, null, EndWait, cancellation) ?? await FindAsync(id);
        }

        bool IsRefused(OrchestrationState existing) => refused.Contains(existing.OrchestrationStatus);
    }

    private async Task<OrchestrationState?> FindAsync(string id) =>
        (await engine.GetOrchestrationStateAsync(id, allExecutions: false))?.FirstOrDefault();
}
