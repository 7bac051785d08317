using Azure.Storage.Blobs;
using Leyden.Diffusion;
using Leyden.ModelServer.Loading;
using Leyden.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>The model from Blob Storage, on the real Azurite, and the checksum of what is there.</summary>
public sealed class DownloadTests(AzuriteFixture fixture) : IDisposable
{
    private static readonly (string Path, int Bytes)[] Model =
    [
        ("model_index.json", 10),
        ("unet/model.onnx", 100_000),
        ("unet/model.onnx_data", 5_000_000),
        ("tokenizer/vocab.json", 0),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("leyden-model-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_lies_below_the_prefix_is_downloaded_once_and_has_the_checksum_that_sha256sum_tells()
    {
        var (container, options) = await UploadAsync("sdxl/v1");
        await container.UploadBlobAsync("sdxl/v10/other.json", BinaryData.FromString("no"), Cancellation);

        await DownloadAsync(options);

        var files = Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories);
        Assert.Equal(
            Model.Select(m => m.Path).Order(StringComparer.Ordinal),
            files.Select(f => Path.GetRelativePath(_folder.FullName, f)).Order(StringComparer.Ordinal)
        );
        var checksum = await ModelChecksum.ComputeAsync(_folder.FullName, Cancellation);
        Assert.Equal(await Sha256SumAsync(), checksum);

        // A file that is there with the right length is not fetched again.
        var data = Path.Combine(_folder.FullName, "unet/model.onnx_data");
        var written = File.GetLastWriteTimeUtc(data);
        File.Delete(Path.Combine(_folder.FullName, "model_index.json"));
        await DownloadAsync(options);
        Assert.Equal(written, File.GetLastWriteTimeUtc(data));
        Assert.Equal(checksum, await ModelChecksum.ComputeAsync(_folder.FullName, Cancellation));
    }

    [Fact]
    public async Task A_prefix_with_nothing_below_it_is_named()
    {
        var (_, options) = await UploadAsync("sdxl/v1");
        options.BlobPrefix = options.BlobPrefix!.Replace("sdxl/v1", "sdxl/v2", StringComparison.Ordinal);

        var fault = await Assert.ThrowsAsync<ModelDirectoryException>(() => DownloadAsync(options));

        Assert.Contains("sdxl/v2", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sdxl/v1/../../escaped.json")]
    [InlineData("sdxl/v1/./a.json")]
    [InlineData("sdxl/v1/a//b.json")]
    [InlineData("sdxl/v1//etc/passwd")]
    [InlineData("sdxl/v1/a\\b.json")]
    [InlineData("sdxl/v1/")]
    public void A_name_that_is_no_path_in_the_directory_is_refused(string name) =>
        Assert.Throws<ModelDirectoryException>(() => ModelDownload.Target("/model", name, "sdxl/v1/"));

    [Fact]
    public async Task A_directory_with_another_checksum_is_not_loaded()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "model_index.json"), "{}", Cancellation);
        var source = Options.Create(new ModelSourceOptions { Path = _folder.FullName, Sha256 = new string('0', 64) });
        var loader = new SdxlModelLoader(
            new ModelDownload(source),
            source,
            Options.Create(new ModelServerOptions()),
            TimeProvider.System
        );

        var fault = await Assert.ThrowsAsync<ModelDirectoryException>(() => loader.LoadAsync(NewLog(), Cancellation));

        Assert.Contains("its checksum is ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(
            await ModelChecksum.ComputeAsync(_folder.FullName, Cancellation),
            fault.Message,
            StringComparison.Ordinal
        );
    }

    private async Task<(BlobContainerClient Container, ModelSourceOptions Options)> UploadAsync(string prefix)
    {
        var azurite = await fixture.GetAsync(Cancellation);
        var name =
            $"model-{Ulid.New(TimeProvider.System.GetUtcNow(), Randomness.Create()).ToString().ToLowerInvariant()}";
        var client = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        var container = new BlobContainerClient(azurite.ConnectionString, name, client);
        await container.CreateAsync(cancellationToken: Cancellation);
        foreach (var (path, bytes) in Model)
        {
            var content = new byte[bytes];
            Array.Fill(content, (byte)path.Length);
            await container.UploadBlobAsync($"{prefix}/{path}", BinaryData.FromBytes(content), Cancellation);
        }

        return (
            container,
            new ModelSourceOptions
            {
                Path = _folder.FullName,
                BlobPrefix = $"{container.Uri}/{prefix}",
                ConnectionString = azurite.ConnectionString,
            }
        );
    }

    private Task DownloadAsync(ModelSourceOptions options) =>
        new ModelDownload(Options.Create(options)).RunAsync(_folder.FullName, NewLog(), Cancellation);

    private async Task<string> Sha256SumAsync()
    {
        const string Command =
            @"find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1";
        var (code, said, error) = await Programs.RunAsync("sh", ["-c", Command], _folder.FullName);
        Assert.True(code == 0, error);
        return said.Trim();
    }

    private static SetupLog NewLog() => new(NullLogger<SetupLog>.Instance);
}
