using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary><c>leyden serve</c> as a process.</summary>
public sealed class ServeTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task A_server_says_where_it_is_answers_and_leaves_nothing_behind()
    {
        using var server = await LeydenServer.StartAsync(_home);
        await server.Process.SeeAsync($"address  {server.Url.AbsoluteUri.TrimEnd('/')}");
        await server.Process.SeeAsync($"data     {_home.Data}");
        await server.Process.SeeAsync("backend  built-in");
        await server.Process.SeeAsync("keys     none");

        Assert.Equal(
            "ok",
            (string?)(await server.Http.GetFromJsonAsync<JsonObject>("healthz", Cancellation))!["status"]
        );
        Assert.Equal(
            "ok",
            (string?)(await server.Http.GetFromJsonAsync<JsonObject>("readyz", Cancellation))!["engine"]
        );
        using var nowhere = await server.Http.GetAsync("v2/anything", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        Assert.NotNull((await nowhere.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["error"]);

        server.Process.Terminate();
        Assert.Empty((await server.Process.FinishAsync()).Ended(0).Error);
        Assert.False(File.Exists(Path.Combine(_home.Data, "server.json")));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "keys")]
    [InlineData("http://[::]:0", "keys")]
    [InlineData("http://*:0", "keys")]
    [InlineData("http://leyden.example:5005", "keys")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0", "keys")]
    [InlineData("https://127.0.0.1:0", "--urls")]
    [InlineData("elsewhere", "--urls")]
    public async Task An_address_that_can_not_be_served_ends_with_3(string url, string named)
    {
        var run = await _home.RunAsync("serve", "--urls", url);

        Assert.Contains(named, Assert.Single(run.Ended(3).Error), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_home.Data));
    }

    [Fact]
    public async Task One_data_folder_serves_one_server()
    {
        using var server = await LeydenServer.StartAsync(_home);

        var second = await _home.RunAsync("serve", "--urls", "http://127.0.0.1:0");

        Assert.Contains("is in use by process", Assert.Single(second.Ended(3).Error), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("healthz", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("Host", "leyden.example")]
    [InlineData("Origin", "https://leyden.example")]
    [InlineData("Origin", "null")]
    public async Task A_server_without_keys_serves_no_web_page(string header, string value)
    {
        using var server = await LeydenServer.StartAsync(_home);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/predictions");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await server.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_made_key_admits_its_owner_and_nobody_else()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromMilliseconds(50));
        var alice = await NewKeyAsync("Alice");
        var bob = await NewKeyAsync("bob");
        using var server = await LeydenServer.StartAsync(_home);

        using (var refused = await server.Http.GetAsync("v1/predictions", Cancellation))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        server.Http.DefaultRequestHeaders.Add("X-API-Key", alice);
        var id = (await server.CreateAsync("a fox"))!;
        Assert.Equal("success", (string?)(await server.EndAsync(id))["status"]);
        server.Http.DefaultRequestHeaders.Remove("X-API-Key");
        server.Http.DefaultRequestHeaders.Add("Authorization", $"Bearer {bob}");
        using (var foreign = await server.Http.GetAsync($"v1/prediction/{id}", Cancellation))
        {
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        }

        var list = (await _home.RunAsync("predictions", "list", "--owner", "alice")).Ended(0);
        Assert.StartsWith(id, Assert.Single(list.Out), StringComparison.Ordinal);
        var withoutKey = await _home.RunAsync("generate", "a fox");
        Assert.Contains("LEYDEN_API_KEY", Assert.Single(withoutKey.Ended(3).Error), StringComparison.Ordinal);
        _home.Environment["LEYDEN_API_KEY"] = bob;
        (await _home.RunAsync("generate", "a fox")).Ended(0);
    }

    [Fact]
    public async Task With_keys_a_public_address_is_served()
    {
        await NewKeyAsync("alice");
        var process = _home.Start("serve", "--urls", "http://0.0.0.0:0");

        await process.SeeAsync("keys     needed");

        Assert.Equal("127.0.0.1", Serving.ServerFile.Read(new DataFolder(_home.Data))!.Url.Host);
    }

    [Fact]
    public async Task What_was_running_goes_on_after_a_restart()
    {
        await using var emulator = await EmulatorAsync(TimeSpan.FromHours(1));
        emulator.Options.MaxConcurrent = 2;
        _home.Environment["Leyden__Eachlabs__MaxConcurrent"] = "2";
        var ids = new Dictionary<string, string>();
        using (var first = await LeydenServer.StartAsync(_home))
        {
            for (var i = 0; i < 5; i++)
            {
                ids.Add($"fox {i}", (await first.CreateAsync($"fox {i}"))!);
            }

            await emulator.BilledAsync(2);
            first.Process.Interrupt();
            (await first.Process.FinishAsync()).Ended(0);
        }

        var running = emulator.Counts.BilledOrder;
        emulator.Options.RunTime = TimeSpan.FromMilliseconds(50); // of those that are still to be submitted
        using var second = await LeydenServer.StartAsync(_home);
        foreach (var prompt in running)
        {
            using var cancel = await second.Http.PostAsync($"v1/prediction/{ids[prompt]}/cancel", null, Cancellation);
            Assert.Equal(HttpStatusCode.OK, cancel.StatusCode);
        }

        foreach (var (prompt, id) in ids)
        {
            var expected = running.Contains(prompt) ? "cancelled" : "success";
            Assert.Equal(expected, (string?)(await second.EndAsync(id))["status"]);
        }

        Assert.Equal(2, running.Count);
        Assert.Equal(0, emulator.Counts.Throttled);
        Assert.All(emulator.Counts.BilledByPrompt.Values, times => Assert.Equal(1, times));
    }

    private async Task<string> NewKeyAsync(string name)
    {
        var made = (await _home.RunAsync("keys", "new", name)).Ended(0);
        var (setting, hash) = (made.Out[1].Split('=')[0], made.Out[1].Split('=')[1]);
        Assert.Equal($"Leyden__Keys__{name.ToLowerInvariant()}", setting);
        Assert.DoesNotContain(made.Out[0], hash, StringComparison.Ordinal);
        _home.Environment[setting] = hash;
        return made.Out[0];
    }

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
