using System.Text.Json.Nodes;
using Leyden.Outputs;
using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Backends.Container;

/// <summary>
/// Runs predictions in a GPU container that speaks Cog's HTTP API: the published image of SDXL-Lightning, or this repository's own model
/// server.
/// </summary>
internal sealed class ContainerBackend(CogClient client, IOptions<ContainerOptions> options) : ISynchronousBackend
{
    private const string Misnamed = "DPM++2MSDE";

    private readonly ContainerOptions _options = options.Value;

    /// <inheritdoc/>
    public string Name => "container";

    /// <inheritdoc/>
    public BackendLimits Limits { get; } =
        new(RequestsPerMinute: null, options.Value.MaxConcurrent, options.Value.RunTimeout, ResubmitUnknown: true);

    /// <inheritdoc/>
    public bool Sleeps => true;

    /// <inheritdoc/>
    public decimal? PricePerSecond => _options.PricePerSecond > 0 ? _options.PricePerSecond : null;

    /// <inheritdoc/>
    public int MaxAttempts => _options.MaxAttempts;

    /// <inheritdoc/>
    public InputError? FindUnsupported(string model, JsonObject input)
    {
        if (model != SdxlLightningInput.Model)
        {
            return InputError.NotAllowed(
                "model",
                $"\"{InputError.Shorten(model)}\"",
                $"{SdxlLightningInput.Model} on the backend container"
            );
        }

        return _options.Image == ContainerOptions.PublishedImage && SchedulerOf(input) == "KarrasDPM"
            ? new InputError(
                "scheduler",
                "scheduler is KarrasDPM, which fails in the published container image; take another scheduler or another backend."
            )
            : null;
    }

    /// <inheritdoc/>
    public async Task<Readiness> CheckReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetHealthAsync(ContainerReadiness.MapAsync, cancellationToken);
        }
        catch (Exception e) when (IsBrokenOff(e, cancellationToken))
        {
            return new Readiness.Warming("the connection broke in the answer");
        }
    }

    /// <inheritdoc/>
    public async Task<RunOutcome> RunAsync(
        string runId,
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await client.RunAsync(
                runId,
                request.Input,
                (answer, stop) => MapAsync(answer, request, outputs, stop),
                cancellationToken
            );
        }
        catch (Exception e) when (IsBrokenOff(e, cancellationToken))
        {
            return new RunOutcome.Interrupted(
                ContainerFailures.Lost("the connection broke, or the time was up, in the answer")
            );
        }
    }

    /// <inheritdoc/>
    public async Task<RunStop> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return await client.CancelAsync(
                runId,
                (answer, _) =>
                    Task.FromResult(
                        answer switch
                        {
                            CogAnswer.Received { Status: >= 200 and < 300 } => RunStop.Stopping,
                            CogAnswer.Received { Status: 404 } => RunStop.NotRunning,
                            _ => RunStop.Unknown,
                        }
                    ),
                cancellationToken
            );
        }
        catch (Exception e) when (IsBrokenOff(e, cancellationToken))
        {
            return RunStop.Unknown;
        }
    }

    private async Task<RunOutcome> MapAsync(
        CogAnswer answer,
        BackendRequest request,
        IOutputSink outputs,
        CancellationToken cancellationToken
    ) =>
        answer switch
        {
            CogAnswer.Lost { WasSent: false } lost => new RunOutcome.NotSent(ContainerFailures.NotSent(lost.Reason)),
            CogAnswer.NoToken none => new RunOutcome.NotSent(ContainerFailures.NoToken(none.Reason)),
            CogAnswer.Lost lost => new RunOutcome.Interrupted(ContainerFailures.Lost(lost.Reason)),
            CogAnswer.TimedOut timedOut => new RunOutcome.Failed(ContainerFailures.TooLong(timedOut.Limit), null, null),
            CogAnswer.Received { Status: 200 } received => await MapRunAsync(
                received.Content,
                request,
                outputs,
                cancellationToken
            ),
            CogAnswer.Received { Status: 202 } => new RunOutcome.UnderWay(),
            // Of the door: Cog itself has no sign-in, and what the door turns away it has not seen.
            CogAnswer.Received { Status: 401 or 403 } received => new RunOutcome.Broken(
                ContainerFailures.Refused(received.Status)
            ),
            CogAnswer.Received { Status: 409 or 429 } => new RunOutcome.Busy(),
            CogAnswer.Received { Status: 503 } => new RunOutcome.NotReady(),
            CogAnswer.Received { Status: 400 or 422 } received => new RunOutcome.Failed(
                CogRefusal.ToFailure(
                    CogRefusal.Read(await CogClient.ReadSmallAsync(received.Content, cancellationToken))
                ),
                null,
                null
            ),
            // Also of the ingress, which ends requests that take too long and those whose container has died.
            CogAnswer.Received { Status: 408 or >= 500 } received => new RunOutcome.Interrupted(
                ContainerFailures.Lost($"it answered {received.Status}")
            ),
            CogAnswer.Received received => new RunOutcome.Failed(
                ContainerFailures.Refused(received.Status),
                null,
                null
            ),
            _ => throw new InvalidOperationException("A request has an outcome that the mapper does not know."),
        };

    private async Task<RunOutcome> MapRunAsync(
        HttpContent content,
        BackendRequest request,
        IOutputSink outputs,
        CancellationToken cancellationToken
    )
    {
        var reader = new CogAnswerReader(outputs);
        CogPrediction run;
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            run = await reader.ReadAsync(body, cancellationToken);
        }
        catch (FormatException fault)
        {
            return new RunOutcome.Failed(ContainerFailures.Unreadable(fault.Message), null, null);
        }

        return reader.NotStored switch
        {
            FetchOutcome.Unavailable lost => new RunOutcome.Interrupted(lost.Failure),
            FetchOutcome.Refused refused => Failed(refused.Failure, run),
            _ => Map(run, request, outputs.Count),
        };
    }

    private RunOutcome Map(CogPrediction run, BackendRequest request, int pictures) =>
        run.Status switch
        {
            "succeeded" when pictures > 0 => new RunOutcome.Succeeded(
                run.PredictTime,
                CostOf(run),
                ErrorText.CleanLog(run.Logs),
                NoteOn(request)
            ),
            "succeeded" => Failed(
                IsChecked(request) ? SafetyFailures.Create(ErrorText.CleanLog(run.Logs)) : ContainerFailures.NoOutput(),
                run
            ),
            "failed" => Failed(
                ContainerFailures.Model(ErrorText.Clean(run.Error) ?? ErrorText.CleanLog(run.Logs)),
                run
            ),
            "canceled" => new RunOutcome.Canceled(),
            var other => Failed(
                ContainerFailures.Unreadable(
                    other is null ? "it has no status" : $"its status is {InputError.Shorten(other)}"
                ),
                run
            ),
        };

    private RunOutcome.Failed Failed(PredictionFailure failure, CogPrediction run) =>
        new(failure, run.PredictTime, CostOf(run));

    private decimal? CostOf(CogPrediction run) =>
        run.PredictTime is { } time && _options.PricePerSecond > 0
            ? Math.Round((decimal)time.TotalSeconds * _options.PricePerSecond, 8)
            : null;

    private string? NoteOn(BackendRequest request) =>
        _options.Image == ContainerOptions.PublishedImage && SchedulerOf(request.Input) == Misnamed
            ? $"The published container image runs KDPM2 ancestral under the name {Misnamed}."
            : null;

    private static bool IsChecked(BackendRequest request) =>
        request.Input["disable_safety_checker"]?.GetValueKind() != System.Text.Json.JsonValueKind.True;

    private static string? SchedulerOf(JsonObject input) =>
        input["scheduler"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    // Of the answer's body: what happens before is told apart by the client. A time limit ends as a cancellation that is not ours.
    private static bool IsBrokenOff(Exception fault, CancellationToken cancellationToken) =>
        fault is HttpRequestException or IOException
        || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
