namespace Leyden.Diffusion;

/// <summary>Makes the pictures of one batch, on the thread that calls it.</summary>
internal sealed class BatchRun(
    SdxlDirectory model,
    SdxlSessions sessions,
    Workspace workspace,
    BatchSettings settings,
    PipelineOptions options
)
{
    private readonly LatentGrid _grid = LatentGrid.Of(settings, model);
    private readonly TextConditioning _texts = new(model, sessions, workspace);
    private readonly bool _guided = settings.GuidanceScale > 1;

    /// <summary>How much of the run ONNX Runtime took.</summary>
    public TimeSpan InSessions { get; private set; }

    public IReadOnlyList<GeneratedPicture> Generate(
        IReadOnlyList<PictureRequest> pictures,
        IProgress<DenoisingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var run = new RunScope(cancellationToken);
        var decoder = new PictureDecoder(model, sessions, workspace, _grid, options.MaxThreads);
        var denoiser = new Denoiser(model, sessions, workspace, _grid);
        var checker =
            settings.CheckSafety && model.SafetyChecker is { } graph
                ? new SafetyChecker(graph, sessions.SafetyChecker, workspace)
                : null;
        var prepared = pictures.Select(picture => Prepare(picture, run)).ToList();
        var total = prepared.Sum(picture => picture.Scheduler.CallCount);
        var completed = 0;
        var results = new List<GeneratedPicture>(pictures.Count);
        foreach (var group in prepared.Chunk(options.PicturesPerCall))
        {
            denoiser.Denoise(
                group,
                (float)settings.GuidanceScale,
                run,
                () => progress?.Report(new DenoisingProgress(completed += group.Length, total))
            );
            for (var i = 0; i < group.Length; i++)
            {
                var image = decoder.Decode(denoiser.Row(workspace.Latents, i), run);
                var flagged = checker?.IsUnsafe(image, run) ?? false;
                results.Add(new GeneratedPicture(image, flagged, group[i].Prompt.TokensCut));
            }
        }

        InSessions = run.InSessions;
        return results;
    }

    private DenoisedPicture Prepare(PictureRequest picture, RunScope run) =>
        new(
            Scheduler.Create(settings.Scheduler, model.Scheduler, settings.Steps),
            new NormalNoise(picture.Seed),
            _texts.Of(picture.Prompt, run),
            _guided ? _texts.OfNegative(picture.NegativePrompt, run) : null
        );
}
