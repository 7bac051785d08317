using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Leyden.Telemetry;

namespace Leyden.Tests.Telemetry;

/// <summary>What the meter of one host measures; those of other tests in this process stay out.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measurement> _measurements = new();

    public RecordedMetrics(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == LeydenMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        _listener.Start();
    }

    /// <summary>All measurements of an instrument, as they came.</summary>
    public IReadOnlyList<Measurement> Of(string instrument) =>
        [.. _measurements.Where(m => m.Instrument == instrument)];

    /// <summary>The names and values of every tag that was ever given.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Tags => _measurements.SelectMany(m => m.Tags);

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue(
            new Measurement(instrument.Name, value, tags.ToArray().ToDictionary(t => t.Key, t => t.Value))
        );

    /// <summary>One measurement.</summary>
    public sealed record Measurement(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
    {
        public object? this[string tag] => Tags.GetValueOrDefault(tag);
    }
}
