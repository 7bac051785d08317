using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary><c>leyden predictions</c>, with and without a running server.</summary>
public sealed class PredictionsTests : IAsyncDisposable
{
    private const string Nobody = "01aaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Predictions_are_listed_shown_and_deleted()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromMilliseconds(50));
        var made = (await _home.RunAsync("generate", "a\tfox", "--count", "3", "--seed", "1", "--json")).Ended(0);
        var ids = made.Json["predictions"]!.AsArray().Select(p => (string)p!["id"]!).Reverse().ToList();

        var list = (await _home.RunAsync("predictions", "list")).Ended(0);
        Assert.Equal(ids, list.Out.Select(line => line.Split('\t')[0]));
        Assert.All(list.Out, line => Assert.Equal("succeeded", line.Split('\t')[1]));
        Assert.All(list.Out, line => Assert.Equal("a fox", line.Split('\t')[^1]));
        Assert.Equal(
            ids[..2],
            Ids((await _home.RunAsync("predictions", "list", "--limit", "2", "--json")).Ended(0).Json)
        );
        Assert.Empty((await _home.RunAsync("predictions", "list", "--owner", "alice")).Ended(0).Out);

        var show = (await _home.RunAsync("predictions", "show", ids[0])).Ended(0);
        Assert.Contains("status\tsucceeded", show.Out);
        Assert.Contains("seed\t3", show.Out);
        var picture = Assert
            .Single(show.Out, line => line.StartsWith("picture\t", StringComparison.Ordinal))
            .Split('\t')[1];
        Assert.Equal((1024, 1024), PngHeader.Read(picture));

        Assert.Equal([$"Deleted {ids[0]}."], (await _home.RunAsync("predictions", "delete", ids[0])).Ended(0).Out);
        Assert.False(File.Exists(picture));
        (await _home.RunAsync("predictions", "show", ids[0])).Ended(1);
        Assert.Equal(
            ["Deleted 0 predictions."],
            (await _home.RunAsync("predictions", "purge", "--older-than", "1h")).Ended(0).Out
        );
        Assert.Equal(["Deleted 2 predictions."], (await _home.RunAsync("predictions", "purge", "--all")).Ended(0).Out);
        Assert.Empty((await _home.RunAsync("predictions", "list")).Ended(0).Out);
    }

    [Fact]
    public async Task A_prediction_is_canceled_beside_the_server_that_runs_it()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        using var server = await LeydenServer.StartAsync(_home);
        var id = (await server.CreateAsync("a fox"))!;

        Assert.Equal(
            [id],
            (await _home.RunAsync("predictions", "list")).Ended(0).Out.Select(line => line.Split('\t')[0])
        );
        Assert.Contains(
            "cancel it first",
            (await _home.RunAsync("predictions", "delete", id)).Ended(1).ErrorText,
            StringComparison.Ordinal
        );
        var cancel = (await _home.RunAsync("predictions", "cancel", id)).Ended(0);

        Assert.Contains("the server follows it", Assert.Single(cancel.Out), StringComparison.Ordinal);
        Assert.Equal("cancelled", (string?)(await server.EndAsync(id))["status"]);
        Assert.Equal(1, emulator.Counts.Cancels);
        (await _home.RunAsync("predictions", "delete", id)).Ended(0);
    }

    [Fact]
    public async Task A_prediction_of_a_server_is_watched_to_its_end_and_then_shown()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromSeconds(2));
        using var server = await LeydenServer.StartAsync(_home);
        var id = (await server.CreateAsync("a fox"))!;

        var watched = (await _home.RunAsync("predictions", "show", id, "--watch")).Ended(0);

        Assert.Contains("status\tsucceeded", watched.Out);
        Assert.EndsWith($"{id}: done", watched.Error[^1], StringComparison.Ordinal);
        Assert.Equal(watched.Out, (await _home.RunAsync("predictions", "show", id)).Ended(0).Out);
        Assert.Empty((await _home.RunAsync("predictions", "show", id, "--watch")).Ended(0).Error);
    }

    [Fact]
    public async Task A_prediction_that_is_canceled_while_it_is_watched_is_shown_with_exit_code_1()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        using var server = await LeydenServer.StartAsync(_home);
        var id = (await server.CreateAsync("a fox"))!;
        var watch = _home.Start("predictions", "show", id, "--watch", "--json");
        await watch.SeeAsync($"{id}: ");

        (await _home.RunAsync("predictions", "cancel", id)).Ended(0);

        var watched = (await watch.FinishAsync()).Ended(1);
        Assert.Equal((id, "canceled"), ((string?)watched.Json["id"], (string?)watched.Json["status"]));
    }

    [Fact]
    public async Task Without_a_server_there_is_nothing_to_watch()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        string id;
        using (var server = await LeydenServer.StartAsync(_home))
        {
            id = (await server.CreateAsync("a fox"))!;
            await server.Process.KillAsync();
        }

        var watched = (await _home.RunAsync("predictions", "show", id, "--watch")).Ended(3);

        Assert.Contains("No server runs", watched.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "predictions", "show", Nobody, "--watch")]
    [InlineData(1, "predictions", "show", Nobody)]
    [InlineData(1, "predictions", "cancel", Nobody)]
    [InlineData(1, "predictions", "delete", Nobody)]
    [InlineData(2, "predictions", "show", "no-id")]
    [InlineData(2, "predictions", "show")]
    [InlineData(2, "predictions", "list", "--limit", "0")]
    [InlineData(2, "predictions", "list", "--owner", "a b")]
    [InlineData(2, "predictions", "purge")]
    [InlineData(2, "predictions", "purge", "--all", "--older-than", "1d")]
    [InlineData(2, "predictions", "purge", "--older-than", "long ago")]
    public async Task What_can_not_be_done_is_said(int exitCode, params string[] arguments)
    {
        var run = await _home.RunAsync(arguments);

        run.Ended(exitCode);
        Assert.Empty(run.Out);
        Assert.StartsWith("leyden: ", run.Error[0], StringComparison.Ordinal);
    }

    private static IEnumerable<string> Ids(JsonObject list) =>
        list["predictions"]!.AsArray().Select(p => (string)p!["id"]!);

    private async Task<EachlabsEmulator> EmulatorAsync(TimeSpan runTime)
    {
        var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = runTime },
            Cancellation
        );
        _home.Use(emulator);
        return emulator;
    }
}
