using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Diffusion;
using Leyden.Outputs;
using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Local.BuiltIn;

/// <summary>Runs predictions in this process, on the diffusion pipeline.</summary>
internal sealed class BuiltInBackend(
    BuiltInModel model,
    IOptions<BuiltInModelOptions> options,
    Random random,
    TimeProvider time
) : ISynchronousBackend
{
    /// <summary>The backend's name in settings and records.</summary>
    public const string BackendName = "built-in";

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _runs = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => BackendName;

    /// <inheritdoc/>
    public BackendLimits Limits { get; } =
        new(RequestsPerMinute: null, options.Value.MaxConcurrent, SubmitTimeout: TimeSpan.Zero, ResubmitUnknown: true);

    /// <summary>The model of coloured shapes stands in; a directory that somebody named is what they want.</summary>
    public bool StandsIn { get; } = string.IsNullOrWhiteSpace(options.Value.Path);

    /// <summary>As often as the process is killed in the middle: each attempt draws the same pictures and bills nobody.</summary>
    public int MaxAttempts => 10;

    /// <inheritdoc/>
    public InputError? FindUnsupported(string model, JsonObject input) =>
        model == SdxlLightningInput.Model
            ? null
            : InputError.NotAllowed(
                "model",
                $"\"{InputError.Shorten(model)}\"",
                $"{SdxlLightningInput.Model} on the backend {BackendName}"
            );

    /// <inheritdoc/>
    public Task<Readiness> CheckReadinessAsync(CancellationToken cancellationToken) =>
        Task.FromResult<Readiness>(Readiness.Ready.Instance);

    /// <inheritdoc/>
    public async Task<RunOutcome> RunAsync(
        string runId,
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!_runs.TryAdd(runId, stop))
        {
            return new RunOutcome.UnderWay();
        }

        try
        {
            return await DrawAsync(request, outputs, progress, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new RunOutcome.Canceled();
        }
        catch (ModelDirectoryException e)
        {
            return Failed(FailureCodes.BackendUnavailable, $"The model can not be used: {e.Message}");
        }
        finally
        {
            _runs.TryRemove(runId, out _);
        }
    }

    /// <inheritdoc/>
    public async Task<RunStop> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        if (!_runs.TryGetValue(runId, out var run))
        {
            return RunStop.NotRunning;
        }

        try
        {
            await run.CancelAsync();
            return RunStop.Stopping;
        }
        catch (ObjectDisposedException)
        {
            return RunStop.NotRunning; // it has just ended
        }
    }

    private async Task<RunOutcome> DrawAsync(
        BackendRequest request,
        IOutputSink outputs,
        IProgress<double> progress,
        CancellationToken cancellationToken
    )
    {
        if (!SdxlLightningInput.TryParse(request.Input, random, out var input, out var errors))
        {
            return Failed(FailureCodes.InvalidInput, errors[0].Message);
        }

        var started = time.GetTimestamp();
        var settings = Settings(input);
        var requests = Pictures(input);
        var pipeline = model.Pipeline;
        var pictures = await pipeline.GenerateAsync(settings, requests, new Steps(progress), cancellationToken);
        var drawn = time.GetElapsedTime(started);
        for (var i = 0; i < pictures.Count; i++)
        {
            if (pictures[i].Flagged)
            {
                continue;
            }

            var recipe = PictureRecipe.Of(settings, requests[i], pipeline.Model);
            await using var png = new MemoryStream(PngWriter.Write(pictures[i].Image, recipe), writable: false);
            switch (await outputs.AddAsync(png, cancellationToken))
            {
                case FetchOutcome.Unavailable unavailable:
                    return new RunOutcome.Failed(unavailable.Failure, drawn, null);
                case FetchOutcome.Refused refused:
                    return new RunOutcome.Failed(refused.Failure, drawn, null);
            }
        }

        return outputs.Count == 0
            ? new RunOutcome.Failed(SafetyFailures.Create(detail: null), drawn, null)
            : new RunOutcome.Succeeded(drawn, Cost: null, Logs(pictures), model.Notice);
    }

    private static BatchSettings Settings(SdxlLightningInput input) =>
        new(
            input.Width,
            input.Height,
            SchedulerNames.Parse(input.Scheduler),
            input.NumInferenceSteps,
            (double)input.GuidanceScale,
            !input.DisableSafetyChecker
        );

    private static IReadOnlyList<PictureRequest> Pictures(SdxlLightningInput input) =>
        [
            .. Enumerable
                .Range(0, input.NumOutputs)
                .Select(k => new PictureRequest(input.Prompt, input.NegativePrompt, unchecked(input.Seed + (uint)k))),
        ];

    private static string? Logs(IReadOnlyList<GeneratedPicture> pictures) =>
        pictures[0].TokensCut is > 0 and var cut
            ? $"The prompt is longer than the model reads: its last {cut} tokens were cut."
            : null;

    private static RunOutcome.Failed Failed(string code, string message) =>
        new(new PredictionFailure(code, Retryable: false, message), null, null);

    private sealed class Steps(IProgress<double> progress) : IProgress<DenoisingProgress>
    {
        public void Report(DenoisingProgress value) => progress.Report((double)value.CompletedSteps / value.TotalSteps);
    }
}
