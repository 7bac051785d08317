using DurableTask.Core;
using DurableTask.Core.Query;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// A storage provider for the Durable Task Framework on one SQLite file, for one process. It is the engine's whole state: instances, histories,
/// messages, timers and activities; a process that dies at any moment loses nothing that was acknowledged (see
/// <see cref="SqliteSynchronous"/> for power loss).
/// </summary>
/// <remarks>
/// <para>Activities run at least once; their results are taken exactly once. Orchestrator turns are written as one transaction each.</para>
/// <para>The file is opened, created or migrated by the first call that needs it, and owned until the service is disposed. Dispose after the
/// worker has stopped.</para>
/// <para>Instance ids: an id whose instance is pending, running or suspended cannot be started again; one whose instance has ended can, unless
/// its status is among the caller's de-duplication statuses, and the old instance vanishes with everything that belongs to it.</para>
/// <para>Not supported: durable entities and rewinding. Messages for them are dropped like those to unknown instances.</para>
/// </remarks>
public sealed partial class SqliteOrchestrationService
    : IOrchestrationService,
        IOrchestrationServiceClient,
        IOrchestrationServiceQueryClient,
        IOrchestrationServicePurgeClient,
        IAsyncDisposable
{
    private readonly HistoryCache _histories;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly SqliteOrchestrationOptions _options;
    private readonly TimeProvider _time;
    private OpenDatabase? _database;
    private bool _disposed;

    /// <summary>Creates the service; the file is not touched yet.</summary>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="timeProvider">The clock of timers and time stamps; the system's when null.</param>
    /// <param name="loggers">Where to log; nowhere when null.</param>
    /// <exception cref="ArgumentException">A setting is invalid; the message names it.</exception>
    public SqliteOrchestrationService(
        SqliteOrchestrationOptions options,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggers = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = timeProvider ?? TimeProvider.System;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<SqliteOrchestrationService>();
        _histories = new HistoryCache(options.HistoryCacheBytes);
    }

    /// <summary>Opens the file and empties it: all instances are gone.</summary>
    /// <exception cref="DatabaseInUseException">Another service owns the file.</exception>
    public Task CreateAsync() => CreateAsync(recreateInstanceStore: true);

    /// <summary>Opens the file, creating it when absent.</summary>
    /// <param name="recreateInstanceStore">Whether to empty it.</param>
    /// <exception cref="DatabaseInUseException">Another service owns the file.</exception>
    public async Task CreateAsync(bool recreateInstanceStore)
    {
        var database = await OpenAsync();
        if (recreateInstanceStore)
        {
            await database.WriteAsync(session =>
            {
                Schema.Clear(session);
                return new Announcements();
            });
        }
    }

    /// <summary>Opens the file, creating it when absent and migrating it when old.</summary>
    /// <exception cref="DatabaseInUseException">Another service owns the file.</exception>
    public Task CreateIfNotExistsAsync() => CreateAsync(recreateInstanceStore: false);

    /// <summary>Empties the file: all instances are gone. The file itself stays.</summary>
    public Task DeleteAsync() => CreateAsync(recreateInstanceStore: true);

    /// <inheritdoc cref="DeleteAsync()"/>
    public Task DeleteAsync(bool deleteInstanceStore) => CreateAsync(recreateInstanceStore: true);

    /// <summary>Begins to hand out work: what was pending, what became due meanwhile, and all that comes.</summary>
    public async Task StartAsync()
    {
        var database = await OpenAsync();
        database.Schedules.UnreadableActivity = (key, cause) => FailUnreadableAsync(database, key, cause);
        await database.Schedules.StartAsync();
        Log.Started(_logger, _options.Path, _options.Synchronous, database.Run.Number);
    }

    /// <inheritdoc cref="StopAsync(bool)"/>
    public Task StopAsync() => StopAsync(isForced: false);

    /// <summary>Stops firing timers. Work in hand has been finished, or given up, by the dispatchers before they call this.</summary>
    public Task StopAsync(bool isForced)
    {
        _database?.Schedules.Stop();
        return Task.CompletedTask;
    }

    /// <summary>Commits what is queued, closes the file and gives it up to others. Call after the worker has stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync();
        try
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            if (_database is { } database)
            {
                await database.DisposeAsync();
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private ValueTask<OpenDatabase> OpenAsync() =>
        _database is { } database && !_disposed ? ValueTask.FromResult(database) : new(OpenFirstAsync());

    private async Task<OpenDatabase> OpenFirstAsync()
    {
        await _opening.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _database ??= await Task.Run(() => OpenDatabase.Open(_options, _time, _logger));
        }
        finally
        {
            _opening.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "Serving {Path} (synchronous={Synchronous}), run {Run}.")]
        public static partial void Started(ILogger logger, string path, SqliteSynchronous synchronous, long run);

        [LoggerMessage(11, LogLevel.Error, "Instance {InstanceId} was ended as failed: {Reason}")]
        public static partial void InstanceFailed(ILogger logger, string instanceId, string reason);

        [LoggerMessage(
            12,
            LogLevel.Warning,
            "A turn of instance {InstanceId} was abandoned; it is repeated in {Delay}."
        )]
        public static partial void TurnAbandoned(ILogger logger, string instanceId, TimeSpan delay);

        [LoggerMessage(
            13,
            LogLevel.Warning,
            "Activity {Name} of instance {InstanceId} was abandoned; it is repeated in {Delay}."
        )]
        public static partial void ActivityAbandoned(ILogger logger, string name, string instanceId, TimeSpan delay);

        [LoggerMessage(
            14,
            LogLevel.Error,
            "Activity {Name} of instance {InstanceId} was given up after {Attempts} attempts."
        )]
        public static partial void ActivityGivenUp(ILogger logger, string name, string instanceId, int attempts);

        [LoggerMessage(
            15,
            LogLevel.Information,
            "A {EventType} message was dropped: instance {InstanceId} does not exist, has ended, or is in another execution."
        )]
        public static partial void MessageDropped(ILogger logger, string eventType, string instanceId);
    }
}
