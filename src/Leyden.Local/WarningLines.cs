namespace Leyden.Local;

/// <summary>Writes warnings and errors as single lines to standard error, above a live display when there is one.</summary>
internal sealed class WarningLines(Terminal terminal) : ILoggerProvider
{
    private volatile bool _isMute;

    /// <summary>Says nothing from now on.</summary>
    public void Mute() => _isMute = true;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Lines(this, terminal);

    /// <inheritdoc/>
    public void Dispose() { }

    private sealed class Lines(WarningLines lines, Terminal terminal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && !lines._isMute;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var word = logLevel == LogLevel.Warning ? "warning" : "error";
            var cause = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})";
            terminal.Say($"{word}: {formatter(state, exception)}{cause}");
        }
    }
}
