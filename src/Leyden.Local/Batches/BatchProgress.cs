using System.Globalization;
using Spectre.Console;

namespace Leyden.Local.Batches;

/// <summary>Shows people on standard error how far a batch is: a bar on a terminal, else a line for each change.</summary>
internal sealed class BatchProgress(Terminal terminal, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private ProgressTask? _task;
    private string? _last;

    /// <summary>Shows progress for as long as some work takes.</summary>
    public Task<T> ShowAsync<T>(Func<Task<T>> work) =>
        terminal.IsLive
            ? terminal
                .Error.Progress()
                .AutoClear(true)
                .Columns(
                    new SpinnerColumn(Spinner.Known.Dots),
                    new ProgressBarColumn { Width = 24 },
                    new TaskDescriptionColumn { Alignment = Justify.Left },
                    new ElapsedTimeColumn()
                )
                .StartAsync(context =>
                {
                    _task = context.AddTask("submitting");
                    _task.IsIndeterminate = true;
                    return work();
                })
            : work();

    /// <summary>Takes in how far it is.</summary>
    public void Update(BatchView batch)
    {
        var text = Text(batch);
        if (_task is not null)
        {
            _task.MaxValue = batch.Counts.Total;
            _task.Value = batch.Counts.Finished;
            _task.IsIndeterminate = batch.Counts.Finished == 0;
            _task.Description = Markup.Escape(text);
        }
        else if (text != _last)
        {
            _last = text;
            var elapsed = time.GetElapsedTime(_start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            terminal.Say($"{elapsed, 6} s  {batch.Id}: {text}");
        }
    }

    /// <summary>Says something in a line of its own.</summary>
    public void Say(string line) => terminal.Say(line);

    private static string Text(BatchView batch)
    {
        var counts = batch.Counts;
        var failed = counts.Failed > 0 ? $", {counts.Failed} failed" : "";
        var canceled = counts.Canceled > 0 ? $", {counts.Canceled} canceled" : "";
        var canceling = batch.IsCanceling ? ", canceling" : "";
        return $"{counts.Finished} of {counts.Total} done{failed}{canceled}{canceling}";
    }
}
