namespace Leyden.Diffusion;

/// <summary>
/// SDXL from a directory in the ONNX layout of Hugging Face Optimum; the steps are those of diffusers' StableDiffusionXLPipeline.
/// It may be shared: runs beyond <see cref="PipelineOptions.MaxConcurrentRuns"/> wait for their turn.
/// </summary>
public sealed class SdxlPipeline : ITextToImage
{
    private readonly SdxlDirectory _directory;
    private readonly PipelineOptions _options;
    private readonly SemaphoreSlim _places;
    private readonly Stack<Workspace> _workspaces = new();
    private readonly Lock _lock = new();
    private readonly Lazy<string> _sha256;
    private Task<SdxlSessions>? _sessions;
    private Task? _disposal;

    private SdxlPipeline(SdxlDirectory directory, PipelineOptions options)
    {
        (_directory, _options) = (directory, options);
        _places = new SemaphoreSlim(options.MaxConcurrentRuns, options.MaxConcurrentRuns);
        _sha256 = new Lazy<string>(directory.Sha256);
        Model = new ModelDescription(
            directory.Name,
            directory.Notice,
            directory.SafetyChecker is not null,
            directory.VaeDecoder.Factor,
            directory.Tokens,
            _sha256
        );
    }

    /// <inheritdoc/>
    public ModelDescription Model { get; }

    /// <summary>
    /// Reads the configuration and checks that every file is there and fits the others; weights are not read.
    /// Sessions open at the first use or by <see cref="WarmUpAsync"/>.
    /// </summary>
    /// <exception cref="ModelDirectoryException">A file is missing, malformed, or contradicts another.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static SdxlPipeline Open(string directory, PipelineOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new SdxlPipeline(SdxlDirectory.Read(directory), options);
    }

    /// <summary>Opens the sessions and hashes the files, so that neither a first picture nor <see cref="ModelDescription.Sha256"/> has to wait.</summary>
    /// <exception cref="ModelDirectoryException">ONNX Runtime can not open a graph.</exception>
    /// <exception cref="InvalidOperationException">The execution provider can not be had.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var hashing = Task.Run(() => _sha256.Value, cancellationToken);
        await SessionsAsync(cancellationToken);
        await hashing.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GeneratedPicture>> GenerateAsync(
        BatchSettings settings,
        IReadOnlyList<PictureRequest> pictures,
        IProgress<DenoisingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        RequestChecks.Check(settings, pictures, _directory);
        ObjectDisposedException.ThrowIf(_disposal is not null, this);
        await _places.WaitAsync(cancellationToken);
        Workspace? workspace = null;
        try
        {
            var sessions = await SessionsAsync(cancellationToken);
            workspace = TakeWorkspace();
            var batch = new BatchRun(_directory, sessions, workspace, settings, _options);
            return await Task.Run(() => batch.Generate(pictures, progress, cancellationToken), cancellationToken);
        }
        finally
        {
            if (workspace is not null)
            {
                lock (_lock)
                {
                    _workspaces.Push(workspace);
                }
            }

            _places.Release();
        }
    }

    /// <summary>Waits for runs that are under way, then closes the sessions. Runs that still wait for their turn fail.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            return new ValueTask(_disposal ??= CloseAsync());
        }
    }

    private async Task CloseAsync()
    {
        await Task.Yield(); // the field is set before anything is closed
        for (var place = 0; place < _options.MaxConcurrentRuns; place++)
        {
            await _places.WaitAsync();
        }

        // Those that wait behind find the pipeline closed.
        _places.Release(_options.MaxConcurrentRuns);
        while (_workspaces.TryPop(out var workspace))
        {
            workspace.Dispose();
        }

        if (_sessions is { } opening)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
            {
                (await opening).Dispose();
            }
        }
    }

    private Workspace TakeWorkspace()
    {
        lock (_lock)
        {
            return _workspaces.TryPop(out var workspace) ? workspace : new Workspace();
        }
    }

    /// <summary>Opens the sessions once for all. What failed is tried again by the next who asks.</summary>
    private Task<SdxlSessions> SessionsAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            if (_sessions is null || _sessions.IsFaulted)
            {
                _sessions = Task.Run(() => SdxlSessions.OpenAsync(_directory, _options), CancellationToken.None);
            }

            return _sessions.WaitAsync(cancellationToken);
        }
    }
}
