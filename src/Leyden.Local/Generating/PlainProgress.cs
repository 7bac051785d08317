using System.Globalization;

namespace Leyden.Local.Generating;

/// <summary>A line for each change, for logs and pipes.</summary>
internal sealed class PlainProgress(Terminal terminal, int count, TimeProvider time) : IProgressDisplay
{
    private readonly Lock _lock = new();
    private readonly string?[] _phases = new string?[count];
    private readonly long _start = time.GetTimestamp();

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<Task<T>> work) => work();

    /// <inheritdoc/>
    public void Update(int index, PredictionView prediction)
    {
        lock (_lock)
        {
            if (_phases[index] != prediction.Phase)
            {
                _phases[index] = prediction.Phase;
                var elapsed = time.GetElapsedTime(_start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
                var which = count == 1 ? "" : $"{index + 1} of {count}, ";
                terminal.Say($"{elapsed, 6} s  {which}{prediction.Id}: {prediction.Phase}");
            }
        }
    }

    /// <inheritdoc/>
    public void Say(string line) => terminal.Say(line);
}
