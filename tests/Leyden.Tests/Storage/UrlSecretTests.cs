using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class UrlSecretTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string SecretPath => Path.Combine(_folder.Path, ".store", "url-secret", "secret");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hosts_that_start_together_make_one_secret()
    {
        for (var round = 0; round < 50; round++)
        {
            using var folder = new TemporaryFolder();
            var path = folder.Path;
            var secrets = await Task.WhenAll(
                Enumerable
                    .Range(0, 16)
                    .Select(_ => Task.Run(() => UrlSecret.ReadOrCreate(path), TestContext.Current.CancellationToken))
            );

            Assert.Single(secrets.Select(Convert.ToHexString).Distinct());
            Assert.Equal(32, secrets[0].Length);
            Assert.NotEqual(new byte[32], secrets[0]);
            Assert.Single(Directory.EnumerateFileSystemEntries(Path.Combine(path, ".store")));
        }
    }

    [Fact]
    public void Folders_have_different_secrets()
    {
        using var other = new TemporaryFolder();

        Assert.NotEqual(UrlSecret.ReadOrCreate(_folder.Path), UrlSecret.ReadOrCreate(other.Path));
    }

    [Fact]
    public void Nobody_but_the_owner_may_read_the_secret()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no Unix file modes.");
            return;
        }

        UrlSecret.ReadOrCreate(_folder.Path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretPath));
    }

    [Fact]
    public void A_damaged_secret_is_refused_by_the_name_of_its_file()
    {
        UrlSecret.ReadOrCreate(_folder.Path);
        File.WriteAllBytes(SecretPath, [1, 2, 3]);

        var error = Assert.Throws<InvalidDataException>(() => UrlSecret.ReadOrCreate(_folder.Path));

        Assert.Contains(SecretPath, error.Message, StringComparison.Ordinal);
    }
}
