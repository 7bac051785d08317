using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.Command;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Shims;

namespace Leyden.TestSupport;

/// <summary>
/// Runs today's orchestrator over a recorded history with the framework's own executor, as an engine does after a
/// deployment, and tells when it no longer does what the history says: calls in another order, of other names, more or
/// fewer of them, or another end.
/// </summary>
/// <remarks>
/// Not compared, because histories do not have them or the framework does not care: inputs of activities and children, due
/// times of timers, custom statuses. No activity runs.
/// </remarks>
public static class HistoryReplayer
{
    /// <summary>Replays a history; returns when all is as recorded.</summary>
    /// <typeparam name="TOrchestrator">The orchestrator of today.</typeparam>
    /// <param name="history">What an instance of a former version went through.</param>
    /// <param name="json">
    /// How the orchestrator's payloads are read; the default of the host when <see langword="null"/>.
    /// </param>
    /// <exception cref="HistoryMismatchException">The orchestrator does otherwise; the message says what.</exception>
    public static void Replay<TOrchestrator>(RecordedHistory history, JsonSerializerOptions? json = null)
        where TOrchestrator : ITaskOrchestrator, new() => Replay(new TOrchestrator(), history, json);

    /// <inheritdoc cref="Replay{TOrchestrator}(RecordedHistory, JsonSerializerOptions?)"/>
    /// <param name="orchestrator">The orchestrator of today.</param>
    /// <param name="history"><inheritdoc/></param>
    /// <param name="json"><inheritdoc/></param>
    public static void Replay(
        ITaskOrchestrator orchestrator,
        RecordedHistory history,
        JsonSerializerOptions? json = null
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        ArgumentNullException.ThrowIfNull(history);
        var state = new OrchestrationRuntimeState(history.ReadEvents());
        if (state.ExecutionStartedEvent is not { } started)
        {
            throw new ArgumentException($"{history.Source} has no start.", nameof(history));
        }

        var decisions = Execute(Shim(orchestrator, started, json), state).ToList();
        if (Difference(state.ExecutionCompletedEvent, decisions) is { } difference)
        {
            throw new HistoryMismatchException(orchestrator.GetType(), history.Source, difference);
        }
    }

    private static TaskOrchestration Shim(
        ITaskOrchestrator orchestrator,
        ExecutionStartedEvent started,
        JsonSerializerOptions? json
    )
    {
        var options = new DurableTaskWorkerOptions();
        if (json is not null)
        {
            options.DataConverter = new JsonDataConverter(json);
        }

        var parent = started.ParentInstance is { } instance
            ? new ParentOrchestrationInstance(instance.Name, instance.OrchestrationInstance.InstanceId)
            : null;
        return new DurableTaskShimFactory(options).CreateOrchestration(started.Name, orchestrator, parent);
    }

    private static IEnumerable<OrchestratorAction> Execute(
        TaskOrchestration orchestration,
        OrchestrationRuntimeState state
    ) =>
        new TaskOrchestrationExecutor(
            state,
            orchestration,
            BehaviorOnContinueAsNew.Carryover,
            ErrorPropagationMode.UseFailureDetails
        )
            .Execute()
            .Actions;

    /// <summary>What the orchestrator wants now that all recorded events have been told, against how it ended then.</summary>
    private static string? Difference(ExecutionCompletedEvent? recorded, List<OrchestratorAction> decisions)
    {
        var end = decisions.OfType<OrchestrationCompleteOrchestratorAction>().SingleOrDefault();
        var more = decisions.Where(decision => decision != end).Select(Describe).ToList();
        return (recorded, end) switch
        {
            (_, { FailureDetails: { } failure }) when IsOrder(failure) => failure.ErrorMessage,
            (_, { } or null) when more.Count > 0 => $"It also wants to {string.Join(", and to ", more)}.",
            (null, null) => null,
            (null, not null) => $"It ends ({Describe(end)}) where the recorded instance went on.",
            (not null, null) => "It waits for something where the recorded instance had ended.",
            _ => EndDifference(recorded, end),
        };
    }

    private static string? EndDifference(ExecutionCompletedEvent recorded, OrchestrationCompleteOrchestratorAction end)
    {
        var then = recorded.OrchestrationStatus;
        var same =
            then == end.OrchestrationStatus
            && recorded.FailureDetails?.ErrorMessage == end.FailureDetails?.ErrorMessage
            && (recorded.FailureDetails is not null || recorded.Result == end.Result);
        return same
            ? null
            : $"It ends otherwise: {Describe(end)}. Recorded: {then} "
                + $"{recorded.FailureDetails?.ErrorMessage ?? recorded.Result}.";
    }

    private static bool IsOrder(FailureDetails failure) =>
        failure.ErrorType == typeof(NonDeterministicOrchestrationException).FullName;

    private static string Describe(OrchestratorAction decision) =>
        decision switch
        {
            ScheduleTaskOrchestratorAction call => $"call activity '{call.Name}'",
            CreateSubOrchestrationAction child => $"start sub-orchestration '{child.Name}'",
            CreateTimerOrchestratorAction timer => $"set a timer for {timer.FireAt:O}",
            SendEventOrchestratorAction sent => $"send event '{sent.EventName}'",
            OrchestrationCompleteOrchestratorAction end =>
                $"{end.OrchestrationStatus} {end.FailureDetails?.ErrorMessage ?? end.Result}",
            _ => $"{decision.OrchestratorActionType}",
        };
}
