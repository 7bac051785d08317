using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

/// <summary>Keeps what <see cref="Logs"/> writes.</summary>
internal sealed class Recorder : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(string InstanceId, string Step)> _steps = new();

    public IEnumerable<string> Of(string instanceId) =>
        _steps.Where(step => step.InstanceId == instanceId).Select(step => step.Step);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            var named = values.ToDictionary(value => value.Key, value => value.Value);
            if (named.TryGetValue("InstanceId", out var id) && named.TryGetValue("Step", out var step))
            {
                _steps.Enqueue(($"{id}", $"{step}"));
            }
        }
    }

    public void Dispose() { }
}
