using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class FileTests
{
    [Fact]
    public async Task A_second_service_on_one_file_is_refused_with_the_file_and_the_owner()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        await using var second = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = engine.DatabasePath }
        );

        var refusal = await Assert.ThrowsAsync<DatabaseInUseException>(second.CreateIfNotExistsAsync);

        Assert.Contains(engine.DatabasePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(Environment.ProcessId, refusal.OwnerProcessId);
    }

    [Fact]
    public async Task A_disposed_service_gives_the_file_up()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        await engine.StopAsync();
        Assert.False(File.Exists(engine.DatabasePath + ".owner"));

        await using var second = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = engine.DatabasePath }
        );
        await second.CreateIfNotExistsAsync();
        await Assert.ThrowsAsync<DatabaseInUseException>(engine.OpenAsync);
    }

    [Fact]
    public async Task A_refused_service_opens_once_the_file_is_free()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        await using var second = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = engine.DatabasePath }
        );
        await Assert.ThrowsAsync<DatabaseInUseException>(second.CreateIfNotExistsAsync);

        await engine.StopAsync();

        await second.CreateIfNotExistsAsync();
    }

    [Fact]
    public async Task A_disposed_service_refuses_further_calls()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        var service = engine.Service;
        await engine.StopAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => service.GetOrchestrationStateAsync("x", null));
    }

    [Fact]
    public async Task The_schema_carries_its_version()
    {
        await using var engine = await new EngineHarness().OpenAsync();

        Assert.Equal(Schema.CurrentVersion, await engine.ScalarAsync("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await using var engine = await new EngineHarness().OpenAsync();
        await engine.StopAsync();
        await engine.ExecuteAsync($"PRAGMA user_version = {Schema.CurrentVersion + 1}");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(engine.OpenAsync);

        Assert.Contains($"version {Schema.CurrentVersion + 1}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Schema.CurrentVersion + 1, await engine.ScalarAsync("PRAGMA user_version"));
        // The refused service does not keep the file.
        await engine.ExecuteAsync($"PRAGMA user_version = {Schema.CurrentVersion}");
        await using var other = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = engine.DatabasePath }
        );
        await other.CreateIfNotExistsAsync();
    }

    [Theory]
    [InlineData(SqliteSynchronous.Normal, 1)]
    [InlineData(SqliteSynchronous.Full, 2)]
    public void The_writer_uses_the_write_ahead_log_at_the_chosen_level(SqliteSynchronous level, long pragma)
    {
        var directory = Directory.CreateTempSubdirectory("leyden-engine-");
        using (var session = SqliteSession.Open(Path.Combine(directory.FullName, "x.db"), level, readOnly: false))
        {
            Assert.Equal(pragma, session.Scalar("PRAGMA synchronous"));
            Assert.Equal("wal", session.First("PRAGMA journal_mode", row => row.GetString(0)));
        }

        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Creating_anew_empties_the_file()
    {
        await using var engine = await OrchestrationTests.Waiting().StartAsync();
        await engine.RunAsync("waits", id: "gone");
        await engine.StopWorkerAsync();

        await engine.Service.CreateAsync();

        Assert.Null(await engine.Client.GetOrchestrationStateAsync("gone"));
        Assert.Equal(0, await engine.RowsAsync("inbox"));
        Assert.Equal(0, await engine.RowsAsync("history"));
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_refused_and_given_up()
    {
        await using var engine = new EngineHarness();
        await File.WriteAllTextAsync(engine.DatabasePath, new string('x', 4096), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<SqliteException>(engine.OpenAsync);

        File.Delete(engine.DatabasePath);
        await using var other = new SqliteOrchestrationService(
            new SqliteOrchestrationOptions { Path = engine.DatabasePath }
        );
        await other.CreateIfNotExistsAsync();
    }
}
