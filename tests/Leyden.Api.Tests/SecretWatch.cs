using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Leyden.Api.Tests;

/// <summary>Searches every log line, its exception and scope included, for secrets, and keeps the errors.</summary>
public sealed class SecretWatch(params string[] secrets) : ILoggerProvider
{
    private const int MaxKept = 1000;
    private readonly ConcurrentQueue<string> _leaks = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private int _count;

    /// <summary>How many lines were searched.</summary>
    public int Count => _count;

    /// <summary>The lines with a secret in them.</summary>
    public IReadOnlyCollection<string> Leaks => _leaks;

    /// <summary>The first thousand lines of level Error and above.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => new Watcher(this, categoryName);

    public void Dispose() { }

    private void Search(string line)
    {
        if (secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)))
        {
            _leaks.Enqueue(line);
        }
    }

    private sealed class Watcher(SecretWatch watch, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            watch.Search($"{category}, scope: {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var line = $"{logLevel} {category}: {formatter(state, exception)} {exception}";
            Interlocked.Increment(ref watch._count);
            watch.Search(line);
            if (logLevel >= LogLevel.Error && watch._errors.Count < MaxKept)
            {
                watch._errors.Enqueue(line);
            }
        }
    }
}
