using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Leyden.Diffusion;

namespace Leyden.ModelServer.Predictions;

/// <summary>One run of the model, for one prediction or for several with the same settings.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The source has no timer and no wait handle; a late cancel may still come when the run is over."
)]
internal sealed class ModelRun(IReadOnlyList<Prediction> members, TimeProvider time) : IProgress<DenoisingProgress>
{
    private const int BarWidth = 10;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _startedAt = time.GetTimestamp();
    private long _movedAt = time.GetTimestamp();
    private int _completedSteps = -1;

    /// <summary>The predictions that it is for.</summary>
    public IReadOnlyList<Prediction> Members { get; } = members;

    /// <summary>Cancelled when nobody wants its pictures any more.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>How long it has run.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_startedAt);

    /// <summary>How long it has not moved.</summary>
    public TimeSpan Still => time.GetElapsedTime(Volatile.Read(ref _movedAt));

    /// <summary>Ends the run at its next chance.</summary>
    public void Cancel() => _stop.Cancel();

    /// <inheritdoc/>
    public void Report(DenoisingProgress value)
    {
        Volatile.Write(ref _movedAt, time.GetTimestamp());
        if (Interlocked.Exchange(ref _completedSteps, value.CompletedSteps) == value.CompletedSteps)
        {
            return;
        }

        var line = Line(value, Elapsed);
        foreach (var member in Members)
        {
            member.Report(value, line);
        }
    }

    /// <summary>Notes a movement that is no step, such as a picture written.</summary>
    public void Move() => Volatile.Write(ref _movedAt, time.GetTimestamp());

    // The form of tqdm's lines, out of which Replicate's clients read the progress.
    private static string Line(DenoisingProgress progress, TimeSpan elapsed)
    {
        var total = Math.Max(1, progress.TotalSteps);
        var filled = Math.Clamp(BarWidth * progress.CompletedSteps / total, 0, BarWidth);
        var bar = new string('█', filled) + new string(' ', BarWidth - filled);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * progress.CompletedSteps / total, 3}%|{bar}| {progress.CompletedSteps}/{total} [{elapsed:mm\\:ss}]"
        );
    }
}
