using System.Collections.Concurrent;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>How much of the runs in this process is done, for those in this process who watch. Nothing of it is kept.</summary>
public sealed class RunProgress
{
    private readonly ConcurrentDictionary<PredictionId, Run> _runs = new();

    /// <summary>How much of a prediction's run is done, from 0 to 1; null when it does not run here or its backend does not tell.</summary>
    public double? Find(PredictionId id) => _runs.GetValueOrDefault(id)?.Done;

    /// <summary>Begins to note a run. Dispose at its end.</summary>
    internal Run Begin(PredictionId id)
    {
        var run = new Run(this, id);
        _runs[id] = run;
        return run;
    }

    internal sealed class Run(RunProgress owner, PredictionId id) : IProgress<double>, IDisposable
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private double _done = -1;

        /// <summary>Completed by the first report.</summary>
        public Task First => _first.Task;

        public double? Done => Volatile.Read(ref _done) is >= 0 and var done ? done : null;

        public void Report(double value)
        {
            Volatile.Write(ref _done, Math.Clamp(value, 0, 1));
            _first.TrySetResult();
        }

        public void Dispose() => owner._runs.TryRemove(KeyValuePair.Create(id, this));
    }
}
