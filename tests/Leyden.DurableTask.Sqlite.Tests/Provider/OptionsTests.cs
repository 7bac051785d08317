namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class OptionsTests
{
    [Fact]
    public void Defaults_are_as_documented()
    {
        var options = new SqliteOrchestrationOptions { Path = "x.db" };

        Assert.Equal(SqliteSynchronous.Normal, options.Synchronous);
        Assert.Equal(64, options.MaxConcurrentOrchestrations);
        Assert.Equal(64, options.MaxConcurrentActivities);
        Assert.Equal(10, options.MaxDeliveryAttempts);
        Assert.Equal(32 * 1024 * 1024, options.HistoryCacheBytes);
    }

    [Theory]
    [InlineData(nameof(SqliteOrchestrationOptions.Path))]
    [InlineData(nameof(SqliteOrchestrationOptions.Synchronous))]
    [InlineData(nameof(SqliteOrchestrationOptions.MaxConcurrentOrchestrations))]
    [InlineData(nameof(SqliteOrchestrationOptions.MaxConcurrentActivities))]
    [InlineData(nameof(SqliteOrchestrationOptions.MaxDeliveryAttempts))]
    [InlineData(nameof(SqliteOrchestrationOptions.HistoryCacheBytes))]
    public void Every_invalid_setting_is_named_in_one_error(string setting)
    {
        var options = new SqliteOrchestrationOptions
        {
            Path = " ",
            Synchronous = (SqliteSynchronous)7,
            MaxConcurrentOrchestrations = 0,
            MaxConcurrentActivities = 10_001,
            MaxDeliveryAttempts = 1,
            HistoryCacheBytes = -1,
        };

        var error = Assert.Throws<ArgumentException>(() => new SqliteOrchestrationService(options));

        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_in_memory_database_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SqliteOrchestrationService(new SqliteOrchestrationOptions { Path = ":memory:" })
        );

        Assert.Contains("durable", error.Message, StringComparison.Ordinal);
    }
}
