using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>Translates between what engines keep of an instance and what clients see.</summary>
internal static class InstanceMetadata
{
    /// <summary>An instance as clients see it.</summary>
    /// <param name="state">As the engine has it.</param>
    /// <param name="converter">
    /// Reads input, output and custom status; <see langword="null"/> leaves these three out.
    /// </param>
    public static OrchestrationMetadata From(OrchestrationState state, DataConverter? converter) =>
        new(state.Name, state.OrchestrationInstance.InstanceId)
        {
            DataConverter = converter,
            RuntimeStatus = StatusFrom(state.OrchestrationStatus),
            CreatedAt = Utc(state.CreatedTime),
            LastUpdatedAt = Utc(state.LastUpdatedTime),
            SerializedInput = converter is null ? null : state.Input,
            SerializedOutput = converter is null ? null : state.Output,
            SerializedCustomStatus = converter is null ? null : state.Status,
            FailureDetails = FailureFrom(state),
            Tags = state.Tags is { } tags ? new Dictionary<string, string>(tags) : new Dictionary<string, string>(),
        };

    public static bool HasEnded(OrchestrationStatus status) =>
        status
            is OrchestrationStatus.Completed
                or OrchestrationStatus.Failed
                or OrchestrationStatus.Terminated
                or OrchestrationStatus.Canceled;

    // Both enumerations have the same members with the same values.
    public static OrchestrationRuntimeStatus StatusFrom(OrchestrationStatus status) =>
        (OrchestrationRuntimeStatus)(int)status;

    public static OrchestrationStatus StatusTo(OrchestrationRuntimeStatus status) => (OrchestrationStatus)(int)status;

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static TaskFailureDetails? FailureFrom(OrchestrationState state) =>
        state switch
        {
            { FailureDetails: { } details } => FailureFrom(details),
            // An engine that keeps no details in its status, such as Azure Storage, has the message as output.
            { OrchestrationStatus: OrchestrationStatus.Failed } => new TaskFailureDetails(
                "(unknown)",
                state.Output ?? "",
                StackTrace: null,
                InnerFailure: null,
                Properties: null
            ),
            _ => null,
        };

    private static TaskFailureDetails FailureFrom(FailureDetails details) =>
        new(
            details.ErrorType,
            details.ErrorMessage,
            details.StackTrace,
            details.InnerFailure is { } inner ? FailureFrom(inner) : null,
            details.Properties
        );
}
