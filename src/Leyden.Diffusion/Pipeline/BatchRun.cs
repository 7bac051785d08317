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
        var started = pictures.Select(Start).ToList();
        var groups = started.Chunk(options.PicturesPerCall).ToList();
        var (completed, total) = (0, started.Sum(picture => picture.Scheduler.CallCount));
        var results = new List<GeneratedPicture>(pictures.Count);
        using var latents = new InitialLatents(workspace, _grid);
        latents.Begin(groups[0]);
        var texts = started.Select(picture => AddTexts(picture, run)).Chunk(options.PicturesPerCall).ToList();
        for (var group = 0; group < groups.Count; group++)
        {
            latents.Take();
            if (group + 1 < groups.Count)
            {
                latents.Begin(groups[group + 1]);
            }

            var count = groups[group].Length;
            results.AddRange(
                Make(texts[group], run, () => progress?.Report(new DenoisingProgress(completed += count, total)))
            );
        }

        InSessions = run.InSessions;
        return results;
    }

    private IEnumerable<GeneratedPicture> Make(DenoisedPicture[] pictures, RunScope run, Action called)
    {
        new Denoiser(model, sessions, workspace, _grid).Denoise(pictures, (float)settings.GuidanceScale, run, called);
        var decoder = new PictureDecoder(model, sessions, workspace, _grid, options.MaxThreads);
        for (var i = 0; i < pictures.Length; i++)
        {
            var image = decoder.Decode(i, run);
            yield return new GeneratedPicture(image, IsUnsafe(image, run), pictures[i].Prompt.TokensCut);
        }
    }

    private bool IsUnsafe(RgbImage image, RunScope run) =>
        settings.CheckSafety
        && model.SafetyChecker is { } graph
        && new SafetyChecker(graph, sessions.SafetyChecker, workspace).IsUnsafe(image, run);

    private StartedPicture Start(PictureRequest picture) =>
        new(
            picture,
            Scheduler.Create(settings.Scheduler, model.Scheduler, settings.Steps),
            new NormalNoise(picture.Seed)
        );

    private DenoisedPicture AddTexts(StartedPicture picture, RunScope run) =>
        new(
            picture.Scheduler,
            picture.Noise,
            _texts.Of(picture.Request.Prompt, run),
            _guided ? _texts.OfNegative(picture.Request.NegativePrompt, run) : null
        );
}
