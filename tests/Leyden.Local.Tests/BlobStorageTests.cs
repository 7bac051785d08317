using Leyden.Emulators.Eachlabs;
using Leyden.Local.Tests.Infrastructure;
using Leyden.TestSupport;

namespace Leyden.Local.Tests;

/// <summary>The local host with its records and pictures in Blob Storage (the real Azurite) instead of a folder.</summary>
public sealed class BlobStorageTests(AzuriteFixture fixture) : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Pictures_are_kept_in_blobs_and_linked_there()
    {
        var azurite = await fixture.GetAsync(Cancellation);
        await using var emulator = await EachlabsEmulator.StartAsync(
            new EachlabsEmulatorOptions { RunTime = TimeSpan.FromMilliseconds(200) },
            Cancellation
        );
        _home.Use(emulator);
        _home.Environment["Leyden__Storage__ConnectionString"] = azurite.ConnectionString;
        using var server = await LeydenServer.StartAsync(_home);

        var id = await server.CreateAsync("a cat in a blob");
        var ended = await server.EndAsync(id!);

        var url = new Uri((string)ended["output"]!);
        Assert.NotEqual(server.Url.Port, url.Port);
        Assert.Equal(
            "image/png",
            (await server.Http.GetAsync(url, Cancellation)).Content.Headers.ContentType?.MediaType
        );
        Assert.False(Directory.Exists(Path.Combine(_home.Data, "objects")));
        var listed = await _home.RunAsync("predictions", "list");
        Assert.Contains(listed.Ended(0).Out, line => line.Contains(id!, StringComparison.Ordinal));
    }
}
