using System.Net;
using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Storage;

public sealed class BlobObjectStoreTests(AzuriteFixture fixture) : ObjectStoreConformance, IDisposable
{
    private readonly string _container = $"store-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
    private readonly List<BlobObjectStore> _stores = [];

    public void Dispose() => _stores.ForEach(store => store.Dispose());

    [Fact]
    public async Task The_container_is_made_with_the_first_write_and_not_before()
    {
        var azurite = await fixture.GetAsync(Cancellation);
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(_container);
        var store = Open(azurite);

        Assert.Null(await store.GetAsync(new("a/b.json"), Cancellation));
        Assert.False(await store.DeleteAsync(new("a/b.json"), Cancellation));
        Assert.Empty((await store.ListAsync("", null, 10, Cancellation)).Keys);
        Assert.Empty((await store.ListFoldersAsync("", null, 10, Cancellation)).Names);
        Assert.False(await container.ExistsAsync(Cancellation));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => store.PutTextAsync($"a/{number}.json", "{}")));
        Assert.True(await container.ExistsAsync(Cancellation));
    }

    [Fact]
    public async Task A_signed_url_reads_its_object_and_no_other_and_expires()
    {
        var store = await CreateAsync();
        await store.PutTextAsync("outputs/1.png", "picture", "image/png");
        await store.PutTextAsync("outputs/2.png", "another", "image/png");
        var now = TimeProvider.System.GetUtcNow();
        using var services = new HttpServices();
        using var http = services.CreateClient();

        var url = await store.CreateReadUrlAsync(new("outputs/1.png"), now.AddMinutes(5), Cancellation);
        using var read = await http.GetAsync(url, Cancellation);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal("image/png", read.Content.Headers.ContentType?.ToString());
        Assert.Equal("picture", await read.Content.ReadAsStringAsync(Cancellation));

        var other = new Uri(url.ToString().Replace("/1.png", "/2.png", StringComparison.Ordinal));
        using var refused = await http.GetAsync(other, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var content = new StringContent("x");
        content.Headers.Add("x-ms-blob-type", "BlockBlob");
        using var write = await http.PutAsync(url, content, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);

        var past = await store.CreateReadUrlAsync(new("outputs/1.png"), now.AddMinutes(-1), Cancellation);
        using var expired = await http.GetAsync(past, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, expired.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conditional_write_whose_answer_was_lost_still_won(bool swap)
    {
        var azurite = await fixture.GetAsync(Cancellation);
        var plain = Open(azurite);
        var before = await plain.PutTextAsync(swap ? "a/b.json" : "a/other.json", "before");
        var losing = new LoseFirstAnswer("/a/b.json");
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        options.AddPolicy(losing, HttpPipelinePosition.PerRetry);
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        var store = Open(azurite, options);

        var etag = await store.PutTextAsync(
            "a/b.json",
            "after",
            condition: swap ? WriteCondition.IfMatch(before!) : WriteCondition.IfAbsent
        );

        Assert.True(losing.Lost);
        await using var read = await plain.GetAsync(new("a/b.json"), Cancellation);
        Assert.NotNull(read);
        Assert.Equal(read.ETag, etag);
        Assert.Equal("after", await read.ReadTextAsync());
        Assert.Null(await store.PutTextAsync("a/b.json", "late", condition: WriteCondition.IfAbsent));
    }

    [Fact]
    public async Task Blobs_whose_names_are_no_keys_are_not_listed()
    {
        var azurite = await fixture.GetAsync(Cancellation);
        var store = Open(azurite);
        await store.PutTextAsync("a/b.json", "{}");
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(_container);
        await container.UploadBlobAsync("a/with space.json", BinaryData.FromString("{}"), Cancellation);

        Assert.Equal(["a/b.json"], await store.AllKeysAsync("", 1));
    }

    protected override async Task<IObjectStore> CreateAsync() => Open(await fixture.GetAsync(Cancellation));

    private BlobObjectStore Open(Azurite azurite, BlobClientOptions? options = null)
    {
        options ??= new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        var service = new BlobServiceClient(azurite.ConnectionString, options);
        var store = new BlobObjectStore(service, _container, TimeProvider.System);
        _stores.Add(store);
        return store;
    }

    /// <summary>Lets the first write to a blob arrive and loses the answer to it, as a broken connection does.</summary>
    private sealed class LoseFirstAnswer(string path) : HttpPipelinePolicy
    {
        public bool Lost { get; private set; }

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            if (
                !Lost
                && message.Request.Method == RequestMethod.Put
                && message.Request.Uri.Path.EndsWith(path, StringComparison.Ordinal)
            )
            {
                Assert.Equal(201, message.Response.Status);
                Lost = true;
                throw new IOException("The connection was closed.");
            }
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            throw new NotSupportedException();
    }
}
