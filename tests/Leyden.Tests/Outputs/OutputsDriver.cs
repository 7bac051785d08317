using Leyden.Outputs;
using Leyden.Storage;
using Leyden.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Outputs;

/// <summary>The fetcher as the core registers it, over a folder.</summary>
internal sealed class OutputsDriver : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;
    private readonly ServiceProvider _services;

    /// <param name="settings">Full names of settings.</param>
    public OutputsDriver(params IEnumerable<(string Name, string Value)> settings)
    {
        var configuration = new Dictionary<string, string?> { ["Leyden:AllowLoopback"] = "true" };
        foreach (var (name, value) in settings)
        {
            configuration[name] = value;
        }

        _store = new FolderObjectStore(_folder.Path, null, TimeProvider.System);
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build())
            .AddSingleton<IObjectStore>(_store)
            .AddLogging()
            .AddOutputFetching()
            .BuildServiceProvider();
    }

    /// <summary>Where every output of these tests goes.</summary>
    public static ObjectKey Target { get; } = new("outputs/test/0.png");

    public Task<FetchOutcome> FetchAsync(Uri source) =>
        _services.GetRequiredService<OutputFetcher>().FetchAsync(source, Target, TestContext.Current.CancellationToken);

    /// <summary>The stored content and its media type; null when nothing is stored.</summary>
    public async Task<(byte[] Content, string ContentType)?> ReadAsync()
    {
        await using var stored = await _store.GetAsync(Target, TestContext.Current.CancellationToken);
        if (stored is null)
        {
            return null;
        }

        using var content = new MemoryStream();
        await stored.Content.CopyToAsync(content, TestContext.Current.CancellationToken);
        return (content.ToArray(), stored.ContentType);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }
}
