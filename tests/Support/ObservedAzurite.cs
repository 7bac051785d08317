namespace Leyden.TestSupport;

/// <summary>An <see cref="Azurite"/> seen through proxies: every storage transaction of whoever uses its connection string is told.</summary>
public sealed class ObservedAzurite : IAsyncDisposable
{
    private readonly IReadOnlyList<ObservedProxy> _proxies;

    private ObservedAzurite(IReadOnlyList<ObservedProxy> proxies) => _proxies = proxies;

    /// <summary>A connection string for all three services.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Azurite.AccountName};AccountKey={Azurite.AccountKey};"
        + $"BlobEndpoint={_proxies[0].Url};QueueEndpoint={_proxies[1].Url};TableEndpoint={_proxies[2].Url};";

    /// <summary>Starts the proxies.</summary>
    /// <param name="azurite">What they stand before; not owned.</param>
    /// <param name="answered">Hears of each transaction, with its service, after it has happened; the caller waits for it.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<ObservedAzurite> StartAsync(
        Azurite azurite,
        Func<StorageService, ObservedRequest, ValueTask> answered,
        CancellationToken cancellationToken
    )
    {
        var proxies = new List<ObservedProxy>();
        (Uri Url, StorageService Service)[] services =
        [
            (azurite.BlobEndpoint, StorageService.Blob),
            (azurite.QueueEndpoint, StorageService.Queue),
            (azurite.TableEndpoint, StorageService.Table),
        ];
        foreach (var (url, service) in services)
        {
            proxies.Add(await ObservedProxy.StartAsync(url, request => answered(service, request), cancellationToken));
        }

        return new ObservedAzurite(proxies);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }
}

/// <summary>A service of a storage account.</summary>
public enum StorageService
{
    /// <summary>Blobs.</summary>
    Blob,

    /// <summary>Queues.</summary>
    Queue,

    /// <summary>Tables.</summary>
    Table,
}
