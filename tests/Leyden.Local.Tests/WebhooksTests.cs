using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary><c>leyden webhooks</c> beside a running server.</summary>
public sealed class WebhooksTests : IAsyncLifetime
{
    private const string Nobody = "01aaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly LeydenHome _home = new();
    private EachlabsEmulator _emulator = null!;
    private WebhookReceiver _receiver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(50) },
            Cancellation
        );
        _home.Use(_emulator);
        _home.Environment["Leyden__Webhooks__Schedule"] = "0s,0.1s";
        _receiver = await WebhookReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        await _receiver.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task A_delivery_that_was_given_up_is_listed_and_told_again()
    {
        _receiver.Status = 500;
        using var server = await LeydenServer.StartAsync(_home);
        var id = (await server.CreateAsync("a fox", webhook: _receiver.Url))!;

        await ListedAsync(id, "webhook\tsucceeded\tparked\t2\t500\t");
        _receiver.Status = 204;
        var again = (await _home.RunAsync("webhooks", "redeliver", id)).Ended(0);

        Assert.StartsWith("On its way again", Assert.Single(again.Out), StringComparison.Ordinal);
        await ListedAsync(id, "webhook\tsucceeded\tdelivered\t3\t204\t");
        var json = (await _home.RunAsync("webhooks", "redeliver", id, "--event", "succeeded", "--json")).Ended(0).Json;
        Assert.Equal("pending", (string?)json["events"]![0]!["state"]);
        await ListedAsync(id, "webhook\tsucceeded\tdelivered\t4\t204\t");
        var listed = (await _home.RunAsync("webhooks", "list", id, "--json")).Ended(0).Json;
        Assert.Equal(4, listed["deliveries"]![0]!["events"]![0]!["attempts"]!.AsArray().Count);
        Assert.Equal([$"msg_{id}_succeeded"], _receiver.Received.Select(r => r.Id).Distinct());

        Assert.Contains(
            Nobody,
            (await _home.RunAsync("webhooks", "list", Nobody)).Ended(1).ErrorText,
            StringComparison.Ordinal
        );
        var unknown = (await _home.RunAsync("webhooks", "redeliver", id, "--target", "reply-queue")).Ended(1);
        Assert.Contains("reply-queue", Assert.Single(unknown.Error), StringComparison.Ordinal);
        (await _home.RunAsync("webhooks", "redeliver", id, "--event", "sneezed")).Ended(1);
    }

    [Fact]
    public async Task An_endpoint_that_was_given_up_is_put_back_into_service()
    {
        _home.Environment["Leyden__Webhooks__Endpoints__shop__Url"] = _receiver.Url;
        _home.Environment["Leyden__Webhooks__Endpoints__shop__Secret"] = "secret of the shop";
        _home.Environment["Leyden__Webhooks__Endpoints__shop__Events"] = "succeeded";
        _receiver.Status = 500;
        using var server = await LeydenServer.StartAsync(_home);
        Assert.Equal([$"endpoint-shop\tactive\t{_receiver.Url}\tsucceeded"], await LinesAsync("webhooks", "endpoints"));

        var first = (await server.CreateAsync("a fox"))!;
        await ListedAsync(first, "endpoint-shop\tsucceeded\tparked\t2\t500\t");
        var second = (await server.CreateAsync("an owl"))!; // parked without an attempt
        await ListedAsync(second, "endpoint-shop\tsucceeded\tparked\t0\t\t");
        Assert.Equal([$"endpoint-shop\tparked\t{_receiver.Url}\tsucceeded"], await LinesAsync("webhooks", "endpoints"));
        _receiver.Status = 200;

        Assert.Equal(
            ["In service again; 2 deliveries are on their way."],
            await LinesAsync("webhooks", "resume", "shop")
        );
        await ListedAsync(first, "endpoint-shop\tsucceeded\tdelivered\t3\t200\t");
        await ListedAsync(second, "endpoint-shop\tsucceeded\tdelivered\t1\t200\t");
        var endpoints = (await _home.RunAsync("webhooks", "endpoints", "--json")).Ended(0).Json["endpoints"]!.AsArray();
        Assert.Equal("active", (string?)Assert.Single(endpoints)!["state"]);
        (await _home.RunAsync("webhooks", "resume", "nobody")).Ended(1);
    }

    [Fact]
    public async Task The_default_secret_is_the_one_that_the_server_signs_with()
    {
        using var server = await LeydenServer.StartAsync(_home);

        var told = Assert.Single(await LinesAsync("webhooks", "secret"));

        var answer = await server.Http.GetFromJsonAsync<JsonObject>("v1/webhooks/default/secret", Cancellation);
        Assert.StartsWith("whsec_", told, StringComparison.Ordinal);
        Assert.Equal((string?)answer!["key"], told);
        Assert.Equal(told, (string?)(await _home.RunAsync("webhooks", "secret", "--json")).Ended(0).Json["key"]);
        Assert.NotEqual(told, Assert.Single(await LinesAsync("webhooks", "secret", "--owner", "alice")));
    }

    [Fact]
    public async Task A_redelivery_needs_a_server_and_the_key_of_the_owner()
    {
        Assert.Contains(
            "leyden serve",
            (await _home.RunAsync("webhooks", "redeliver", Nobody)).Ended(3).ErrorText,
            StringComparison.Ordinal
        );
        var made = await LinesAsync("keys", "new", "alice");
        var key = made[0];
        _home.Environment[made[1].Split('=')[0]] = made[1].Split('=')[1];
        using var server = await LeydenServer.StartAsync(_home);
        server.Http.DefaultRequestHeaders.Add("X-API-Key", key);
        var id = (await server.CreateAsync("a fox", webhook: _receiver.Url))!;
        await ListedAsync(id, "webhook\tsucceeded\tdelivered\t1\t204\t", "--owner", "alice");

        var refused = await _home.RunAsync("webhooks", "redeliver", id, "--owner", "alice");
        Assert.Contains("LEYDEN_API_KEY", refused.Ended(3).ErrorText, StringComparison.Ordinal);
        _home.Environment["LEYDEN_API_KEY"] = key;
        (await _home.RunAsync("webhooks", "redeliver", id, "--owner", "alice")).Ended(0);

        await ListedAsync(id, "webhook\tsucceeded\tdelivered\t2\t204\t", "--owner", "alice");
    }

    private async Task<IReadOnlyList<string>> LinesAsync(params string[] arguments) =>
        (await _home.RunAsync(arguments)).Ended(0).Out;

    /// <summary>Lists the deliveries of a prediction until the list is one line.</summary>
    private async Task ListedAsync(string id, string line, params string[] options)
    {
        var start = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> seen;
        while (!(seen = await LinesAsync(["webhooks", "list", id, .. options])).SequenceEqual([line]))
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < LeydenProcess.Patience,
                $"The list is not {line} but {string.Join('\n', seen)}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
