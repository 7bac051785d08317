using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class DeploymentSecretTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Processes_that_start_together_derive_the_same_key()
    {
        var keys = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await DeriveAsync("callbacks"), Stop))
        );

        Assert.Single(keys.Select(Convert.ToHexString).Distinct());
        Assert.Equal(32, keys[0].Length);
    }

    [Fact]
    public async Task Each_purpose_has_a_key_of_its_own_that_stays()
    {
        var first = await DeriveAsync("callbacks");

        Assert.NotEqual(first, await DeriveAsync("webhooks"));
        Assert.Equal(first, await DeriveAsync("callbacks"));
    }

    [Fact]
    public async Task A_damaged_secret_is_refused_by_its_name()
    {
        await DeriveAsync("callbacks");
        var file = Directory
            .EnumerateFiles(_folder.Path, "deployment*", SearchOption.AllDirectories)
            .Single(path => path.Contains("secrets", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, """{"secret":"AAEC"}""", Stop);

        var fault = await Assert.ThrowsAsync<InvalidDataException>(async () => await DeriveAsync("callbacks"));

        Assert.Contains("secrets/deployment.json", fault.Message, StringComparison.Ordinal);
    }

    private async Task<byte[]> DeriveAsync(string purpose)
    {
        using var secret = new DeploymentSecret(new FolderObjectStore(_folder.Path, null, TimeProvider.System));
        return await secret.DeriveAsync(purpose, Stop);
    }
}
