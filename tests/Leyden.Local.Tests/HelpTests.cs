using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary>What <c>--help</c> tells.</summary>
public sealed class HelpTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Theory]
    [InlineData("", "generate", "batch", "serve", "predictions", "batches", "webhooks", "keys", "130 canceled")]
    [InlineData(
        "generate",
        "--negative-prompt",
        "--num-inference-steps",
        "--count",
        "--backend",
        "--json",
        "130 canceled"
    )]
    [InlineData("batch", ".txt", "JSON Lines", "--out", "--key", "--json", "Ctrl+C", "130 canceled")]
    [InlineData("batches", "list", "show", "cancel", "delete")]
    [InlineData("serve", "--urls", "--data", "http://127.0.0.1:5005", "3 wrong configuration")]
    [InlineData("predictions", "list", "show", "cancel", "delete", "purge")]
    [InlineData("predictions purge", "--older-than", "--all", "--owner")]
    [InlineData("webhooks", "list", "redeliver", "endpoints", "resume", "secret")]
    [InlineData("keys new", "name")]
    public async Task Help_names_what_there_is(string command, params string[] expected)
    {
        var run = await _home.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        var text = string.Join('\n', run.Ended(0).Out);
        Assert.All(expected, word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_command_that_is_left_out_ends_with_2()
    {
        var run = await _home.RunAsync("predictions");

        Assert.Equal("See leyden predictions --help.", run.Ended(2).Error[^1]);
    }
}
