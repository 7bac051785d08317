using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// A <see cref="DurableTaskClient"/> on any <see cref="IOrchestrationServiceClient"/>, in this process. What the contract
/// leaves to implementations is the same here on every engine:
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Without <see cref="StartOrchestrationOptions.DedupeStatuses"/>, an id whose instance is pending, running or
/// suspended is refused with <see cref="OrchestrationAlreadyExistsException"/>, and one whose instance has ended is started
/// anew. With them, an instance that runs in a status that is not listed is terminated first.</item>
/// <item>Events, suspension, resumption and termination of an unknown or ended instance do nothing.</item>
/// <item>Waiting for an unknown instance throws <see cref="InvalidOperationException"/> instead of waiting for ever.</item>
/// <item>Instances that have not ended are not purged. Recursive purge and termination are not supported.</item>
/// <item>A failed instance has <see cref="OrchestrationMetadata.FailureDetails"/> always; from an engine that keeps none
/// they have the error type <c>(unknown)</c>.</item>
/// <item>Rewinding, listing ids by time of completion, and entities are not supported.</item>
/// </list>
/// </remarks>
/// <param name="name">The name of the client; its <see cref="DurableTaskClientOptions"/> have the same.</param>
/// <param name="engine">The engine.</param>
/// <param name="options">Converter and default version.</param>
/// <param name="time">The clock of waits; the system's when null.</param>
public sealed partial class OrchestrationServiceDurableTaskClient(
    string name,
    IOrchestrationServiceClient engine,
    IOptionsMonitor<DurableTaskClientOptions> options,
    TimeProvider? time = null
) : DurableTaskClient(name)
{
    /// <summary>Engines take a time-out, and not all take an infinite one; the wait is renewed as often as needed.</summary>
    private static readonly TimeSpan CompletionWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(1);

    private readonly InstanceStarts _starts = new(engine);
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    private DurableTaskClientOptions Options => options.Get(Name);

    private DataConverter Converter => Options.DataConverter;

    /// <inheritdoc/>
    /// <exception cref="OrchestrationAlreadyExistsException">The id is taken, as described at the class.</exception>
    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName,
        object? input = null,
        StartOrchestrationOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        cancellation.ThrowIfCancellationRequested();
        var started = new ExecutionStartedEvent(-1, Converter.Serialize(input))
        {
            Name = orchestratorName.Name,
            Version = options?.Version is { } version ? version.Version : Options.DefaultVersion,
            ScheduledStartTime = options?.StartAt?.UtcDateTime,
            Tags = options?.Tags is { } tags ? new Dictionary<string, string>(tags) : [],
        };
        return _starts.StartAsync(started, options, cancellation);
    }

    /// <inheritdoc/>
    public override Task RaiseEventAsync(
        string instanceId,
        string eventName,
        object? eventPayload = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var payload = Converter.Serialize(eventPayload);
        return SendAsync(instanceId, new EventRaisedEvent(-1, payload) { Name = eventName }, cancellation);
    }

    /// <inheritdoc/>
    public override Task SuspendInstanceAsync(
        string instanceId,
        string? reason = null,
        CancellationToken cancellation = default
    ) => SendAsync(instanceId, new ExecutionSuspendedEvent(-1, reason), cancellation);

    /// <inheritdoc/>
    public override Task ResumeInstanceAsync(
        string instanceId,
        string? reason = null,
        CancellationToken cancellation = default
    ) => SendAsync(instanceId, new ExecutionResumedEvent(-1, reason), cancellation);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException"><see cref="TerminateInstanceOptions.Recursive"/> is set.</exception>
    public override async Task TerminateInstanceAsync(
        string instanceId,
        TerminateInstanceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        RefuseRecursion(options?.Recursive);
        if (await FindStateAsync(instanceId, cancellation) is { } state && IsActive(state))
        {
            await engine.ForceTerminateTaskOrchestrationAsync(instanceId, Converter.Serialize(options?.Output));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    public override async Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    )
    {
        // The framework has no way to be told of a start, so this asks: often at first, because a start takes
        // milliseconds on an idle engine.
        for (var pause = FirstPoll; ; pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll)
        {
            var state = await RequireStateAsync(instanceId, cancellation);
            if (state.OrchestrationStatus != OrchestrationStatus.Pending)
            {
                return Metadata(state, getInputsAndOutputs);
            }

            await Task.Delay(pause, _time, cancellation);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    public override async Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    )
    {
        var state = await RequireStateAsync(instanceId, cancellation);
        while (IsActive(state))
        {
            state =
                await engine.WaitForOrchestrationAsync(instanceId, null, CompletionWait, cancellation)
                ?? await RequireStateAsync(instanceId, cancellation);
        }

        return Metadata(state, getInputsAndOutputs);
    }

    /// <inheritdoc/>
    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    ) => await FindStateAsync(instanceId, cancellation) is { } state ? Metadata(state, getInputsAndOutputs) : null;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The instance has not ended and its id was to be used again.</exception>
    public override async Task<string> RestartAsync(
        string instanceId,
        bool restartWithNewInstanceId = false,
        CancellationToken cancellation = default
    )
    {
        var state =
            await FindStateAsync(instanceId, cancellation)
            ?? throw new ArgumentException($"There is no instance '{instanceId}'.", nameof(instanceId));
        var started = new ExecutionStartedEvent(-1, state.Input)
        {
            Name = state.Name,
            Version = state.Version,
            Tags = state.Tags is { } tags ? new Dictionary<string, string>(tags) : [],
        };
        try
        {
            return await _starts.RestartAsync(started, restartWithNewInstanceId ? null : instanceId);
        }
        catch (OrchestrationAlreadyExistsException running)
        {
            throw new InvalidOperationException(running.Message, running);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is no such instance.</exception>
    /// <exception cref="NotSupportedException">The engine tells histories in another form than the SQLite one.</exception>
    public override async Task<IList<HistoryEvent>> GetOrchestrationHistoryAsync(
        string instanceId,
        CancellationToken cancellation = default
    )
    {
        if (engine is not SqliteOrchestrationService)
        {
            throw new NotSupportedException($"The form of {engine.GetType().Name}'s histories is not known here.");
        }

        if (await FindStateAsync(instanceId, cancellation) is null)
        {
            throw new ArgumentException($"There is no instance '{instanceId}'.", nameof(instanceId));
        }

        return HistoryJson.Parse(await engine.GetOrchestrationHistoryAsync(instanceId, null));
    }

    /// <summary>Does nothing: the engine belongs to whoever registered it.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool IsActive(OrchestrationState state) => !InstanceMetadata.HasEnded(state.OrchestrationStatus);

    private static void RefuseRecursion(bool? recursive)
    {
        if (recursive == true)
        {
            throw new NotSupportedException("Sub-orchestrations must be named one by one: no engine here recurses.");
        }
    }

    private OrchestrationMetadata Metadata(OrchestrationState state, bool withPayloads) =>
        InstanceMetadata.From(state, withPayloads ? Converter : null);

    private async Task<OrchestrationState?> FindStateAsync(string instanceId, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return (await engine.GetOrchestrationStateAsync(instanceId, allExecutions: false))?.FirstOrDefault();
    }

    private async Task<OrchestrationState> RequireStateAsync(string instanceId, CancellationToken cancellation) =>
        await FindStateAsync(instanceId, cancellation)
        ?? throw new InvalidOperationException($"There is no instance '{instanceId}'.");

    private async Task SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellation)
    {
        // Engines differ in what becomes of a message to an unknown instance: some keep it for whoever starts next
        // under that id.
        if (await FindStateAsync(instanceId, cancellation) is { } state && IsActive(state))
        {
            await engine.SendTaskOrchestrationMessageAsync(
                new TaskMessage
                {
                    OrchestrationInstance = new OrchestrationInstance { InstanceId = instanceId },
                    Event = message,
                }
            );
        }
    }
}
