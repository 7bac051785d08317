using System.Text.Json.Nodes;
using Leyden.Emulators.Cog;
using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;

namespace Leyden.Local.Tests;

/// <summary><c>leyden serve</c> with a GPU container as its backend.</summary>
public sealed class ContainerTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task A_cold_container_serves_predictions_with_their_pictures()
    {
        await using var emulator = await CogEmulator.StartAsync(
            new() { StartsCold = true, SetupTime = TimeSpan.FromSeconds(2) },
            Cancellation
        );
        _home.Use(emulator);
        using var server = await LeydenServer.StartAsync(_home);
        await server.Process.SeeAsync("backend  container");

        var first = await server.CreateAsync("a cat", outputs: 2);
        var second = await server.CreateAsync($"a dog {CogFaults.Marker(CogFault.NsfwLast)}", outputs: 2);
        var third = await server.CreateAsync($"a mouse {CogFaults.Marker(CogFault.RunFailed)}");
        var ended = await server.EndAsync(first!);
        var fewer = await server.EndAsync(second!);
        var failed = await server.EndAsync(third!);

        Assert.Equal(("success", "container", 1), (Text(ended, "status"), Text(ended, "backend"), Attempts(ended)));
        foreach (var picture in ended["output"]!.AsArray())
        {
            var bytes = await server.Http.GetByteArrayAsync(new Uri((string)picture!), Cancellation);
            Assert.Equal(256, PngHeader.Read(bytes).Width);
        }

        Assert.Equal("success", Text(fewer, "status"));
        Assert.StartsWith("1 of 2", (string?)fewer["notes"]![0], StringComparison.Ordinal);
        Assert.Equal(("error", "backend_failed"), (Text(failed, "status"), Text(failed, "error_code")));
        Assert.Contains("CUDA error", Text(failed, "error_detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_in_a_run_runs_it_again_under_the_same_id_and_says_so()
    {
        await using var emulator = await CogEmulator.StartAsync(
            new() { RunTime = TimeSpan.FromSeconds(3) },
            Cancellation
        );
        _home.Use(emulator);
        string id;
        using (var server = await LeydenServer.StartAsync(_home))
        {
            id = (await server.CreateAsync("a cat"))!;
            while (emulator.Counts.RunsById.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }

            await server.Process.KillAsync();
        }

        using var next = await LeydenServer.StartAsync(_home);
        var ended = await next.EndAsync(id);

        Assert.Equal(("success", 2), (Text(ended, "status"), Attempts(ended)));
        Assert.Equal(2, Assert.Single(emulator.Counts.RunsById).Value);
        Assert.Equal(id, emulator.Counts.RunsById.Keys.Single());
    }

    [Fact]
    public async Task A_cancel_reaches_the_container()
    {
        await using var emulator = await CogEmulator.StartAsync(new(), Cancellation);
        _home.Use(emulator);
        using var server = await LeydenServer.StartAsync(_home);
        var id = await server.CreateAsync($"a cat {CogFaults.Marker(CogFault.NeverFinish)}");
        while (emulator.Counts.RunsById.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        using var canceled = await server.Http.PostAsync($"v1/prediction/{id}/cancel", null, Cancellation);
        var ended = await server.EndAsync(id!);

        Assert.Equal("cancelled", Text(ended, "status"));
        Assert.Null(ended["notes"]);
        Assert.Equal(1, emulator.Counts.Stopped);
    }

    [Fact]
    public async Task Beside_Eachlabs_the_warm_container_is_taken_and_what_it_can_not_run_goes_there()
    {
        await using var container = await CogEmulator.StartAsync(new(), Cancellation);
        await using var eachlabs = await EachlabsEmulator.StartAsync(
            new() { RunTime = TimeSpan.FromMilliseconds(100) },
            Cancellation
        );
        _home.Use(container);
        _home.Use(eachlabs);

        var warm = (await _home.RunAsync("generate", "a cat", "--width", "256", "--height", "256", "--json")).Ended(0);
        var karras = (
            await _home.RunAsync("generate", "a dog", "--width", "256", "--scheduler", "KarrasDPM", "--json")
        ).Ended(0);
        var refused = await _home.RunAsync("generate", "a dog", "--scheduler", "KarrasDPM", "--backend", "container");

        Assert.Equal("container", (string?)warm.Json["predictions"]![0]!["backend"]);
        Assert.Equal("eachlabs", (string?)karras.Json["predictions"]![0]!["backend"]);
        Assert.Contains("published container image", refused.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_behind_a_sign_in_gets_the_token_of_the_machine_s_managed_identity()
    {
        await using var emulator = await CogEmulator.StartAsync(
            new() { Audience = "api://leyden-container", AdmittedClient = "id-of-the-identity" },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Container__Audience"] = "api://leyden-container";
        // As Azure tells it to apps with an identity.
        _home.Environment["IDENTITY_ENDPOINT"] = emulator.IdentityEndpoint.AbsoluteUri;
        _home.Environment["IDENTITY_HEADER"] = emulator.Options.IdentityHeader;
        _home.Environment["AZURE_CLIENT_ID"] = "id-of-the-identity";
        using var server = await LeydenServer.StartAsync(_home);

        var first = await server.EndAsync((await server.CreateAsync("a cat"))!);
        emulator.Options.AdmittedClient = "another";
        var refused = await server.EndAsync((await server.CreateAsync("a dog"))!);

        Assert.Equal(("success", "container"), (Text(first, "status"), Text(first, "backend")));
        Assert.Equal(("error", "backend_rejected"), (Text(refused, "status"), Text(refused, "error_code")));
        Assert.Contains("Leyden:Container:Audience", Text(refused, "error"), StringComparison.Ordinal);
        Assert.Equal(1, emulator.Counts.Tokens);
    }

    private static string? Text(JsonObject prediction, string name) => (string?)prediction[name];

    private static int? Attempts(JsonObject prediction) => (int?)prediction["attempts"];
}
