using Leyden.Diffusion;

namespace Leyden.ModelServer.Predictions;

/// <summary>Gives runs to the model and makes files of its pictures. Never throws: what goes wrong ends predictions.</summary>
internal sealed partial class PredictionRunner(TimeProvider time, ILogger<PredictionRunner> logger)
{
    /// <summary>What a prediction with no picture left fails with, as the published container says it.</summary>
    public const string Nsfw = "NSFW content detected. Try running it again, or try a different prompt.";

    private const int FaultsUntilBreakdown = 3;
    private const int LongestError = 500;
    private int _faults;

    /// <summary>Why the model is held unusable: it failed several times in a row. Null while it is not.</summary>
    public string? Breakdown =>
        Volatile.Read(ref _faults) >= FaultsUntilBreakdown
            ? $"the model failed {FaultsUntilBreakdown} times in a row; the server must be started anew"
            : null;

    /// <summary>Runs the model.</summary>
    public async Task<IReadOnlyList<MadePictures>> GenerateAsync(ModelRun run, ITextToImage model)
    {
        foreach (var member in run.Members)
        {
            var input = member.State.Input;
            member.Start(time.GetUtcNow(), [$"Using seed: {input.Seed}", .. Notices(input.Settings, model.Model)]);
        }

        var made = await TryGenerateAsync(run.Members, run, model);
        if (run.Members.Count == 1 || made.All(m => m.Fault is null))
        {
            return made;
        }

        // Together they may have been too much, of memory for one.
        var apart = new List<MadePictures>();
        foreach (var member in run.Members)
        {
            apart.AddRange(await TryGenerateAsync([member], run, model));
        }

        return apart;
    }

    /// <summary>Makes files of the pictures that are to be shown, and says how each prediction ends.</summary>
    public async Task<IReadOnlyList<RunEnd>> WriteAsync(
        IReadOnlyList<MadePictures> made,
        ModelRun run,
        ModelDescription model
    )
    {
        var ends = new List<RunEnd>();
        foreach (var member in made)
        {
            run.Move();
            ends.Add(await WriteAsync(member, model));
        }

        return ends;
    }

    private async Task<IReadOnlyList<MadePictures>> TryGenerateAsync(
        IReadOnlyList<Prediction> members,
        ModelRun run,
        ITextToImage model
    )
    {
        try
        {
            var requests = members.SelectMany(m => m.State.Input.Pictures).ToList();
            var settings = members[0].State.Input.Settings;
            var pictures = await model.GenerateAsync(settings, requests, run, run.Stop);
            Volatile.Write(ref _faults, 0);
            var rest = new Queue<GeneratedPicture>(pictures);
            return [.. members.Select(m => new MadePictures(m, Take(rest, m.State.Input.Outputs)))];
        }
        catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
        {
            return [.. members.Select(m => new MadePictures(m, []))];
        }
        catch (Exception e)
        {
            if (e is not ArgumentException)
            {
                Interlocked.Increment(ref _faults);
            }

            Log.Failed(logger, e, string.Join(", ", members.Select(m => m.Id)));
            return [.. members.Select(m => new MadePictures(m, [], Shorten(e.Message)))];
        }
    }

    private async Task<RunEnd> WriteAsync(MadePictures made, ModelDescription model)
    {
        var prediction = made.Prediction;
        if (made.Fault is not null)
        {
            return new RunEnd(prediction, PredictionStatus.Failed, made.Fault);
        }

        if (prediction.IsCancelRequested || made.Pictures.Count == 0)
        {
            return new RunEnd(prediction, PredictionStatus.Canceled);
        }

        string[] lines = [.. Findings(made.Pictures, model)];
        var shown = made.Pictures.Index().Where(p => !p.Item.Flagged).ToList();
        if (shown.Count == 0)
        {
            return new RunEnd(prediction, PredictionStatus.Failed, Nsfw, null, lines);
        }

        try
        {
            var input = prediction.State.Input;
            PictureRequest[] requests = [.. input.Pictures];
            var files = await Task.WhenAll(
                shown.Select(p =>
                    Task.Run(() =>
                        PngWriter.Write(p.Item.Image, PictureRecipe.Of(input.Settings, requests[p.Index], model))
                    )
                )
            );
            return new RunEnd(prediction, PredictionStatus.Succeeded, null, files, lines);
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, prediction.Id);
            return new RunEnd(prediction, PredictionStatus.Failed, Shorten(e.Message));
        }
    }

    private static List<GeneratedPicture> Take(Queue<GeneratedPicture> pictures, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pictures.Dequeue())];

    private static IEnumerable<string> Notices(BatchSettings settings, ModelDescription model)
    {
        if (model.Notice is not null)
        {
            yield return model.Notice;
        }

        if (settings.CheckSafety && !model.HasSafetyChecker)
        {
            yield return "This model has no safety checker: pictures are not checked.";
        }
    }

    private static IEnumerable<string> Findings(IReadOnlyList<GeneratedPicture> pictures, ModelDescription model)
    {
        if (pictures.Max(p => p.TokensCut) is > 0 and var cut)
        {
            yield return $"The prompt is longer than the {model.MaxTokens} tokens that the model reads: {cut} were cut off.";
        }

        foreach (var (index, _) in pictures.Index().Where(p => p.Item.Flagged))
        {
            yield return $"NSFW content detected in image {index}";
        }
    }

    private static string Shorten(string message) =>
        message.Length <= LongestError ? message : string.Concat(message.AsSpan(0, LongestError), "…");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The run of {Predictions} failed")]
        public static partial void Failed(ILogger logger, Exception fault, string predictions);
    }
}

/// <summary>What the model made for one prediction.</summary>
/// <param name="Prediction">The prediction.</param>
/// <param name="Pictures">Its pictures in order; none when the run was cancelled or failed.</param>
/// <param name="Fault">Why it failed.</param>
internal sealed record MadePictures(
    Prediction Prediction,
    IReadOnlyList<GeneratedPicture> Pictures,
    string? Fault = null
);
