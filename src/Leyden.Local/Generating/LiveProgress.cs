using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Generating;

/// <summary>One line that is redrawn in place: a spinner, where the predictions stand, and for how long. It goes away in the end.</summary>
internal sealed class LiveProgress(Terminal terminal, int count) : IProgressDisplay
{
    private readonly Lock _lock = new();
    private readonly PredictionView?[] _seen = new PredictionView?[count];
    private ProgressTask? _task;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Task<T>> work)
    {
        ProgressColumn[] columns =
        [
            new SpinnerColumn(Spinner.Known.Dots),
            new ProgressBarColumn { Width = 24 },
            new TaskDescriptionColumn { Alignment = Justify.Left },
            new ElapsedTimeColumn(),
        ];
        return terminal
            .Error.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(columns)
            .StartAsync(context =>
            {
                lock (_lock)
                {
                    _task = context.AddTask("starting", maxValue: count);
                    _task.IsIndeterminate = true;
                }

                return work();
            });
    }

    /// <inheritdoc/>
    public void Update(int index, PredictionView prediction)
    {
        lock (_lock)
        {
            _seen[index] = prediction;
            if (_task is not null)
            {
                var ended = _seen.Count(p => p?.Status.IsTerminal() == true);
                _task.Value = ended;
                _task.IsIndeterminate = ended == 0;
                _task.Description = Markup.Escape(count == 1 ? prediction.Phase : Summary(ended));
            }
        }
    }

    /// <inheritdoc/>
    public void Say(string line) => terminal.Say(line);

    /// <summary>Such as: 3 of 10 done, 4 running, 3 queued.</summary>
    private string Summary(int ended)
    {
        var others = _seen
            .OfType<PredictionView>()
            .Where(p => !p.Status.IsTerminal())
            .GroupBy(p => p.Phase.Split(',')[0])
            .OrderByDescending(g => g.Key, StringComparer.Ordinal)
            .Select(g => $", {g.Count()} {g.Key}");
        return $"{ended} of {count} done{string.Concat(others)}";
    }
}
