using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Storage;

/// <summary>HTTP clients as a host makes them, for tests that read what a URL serves.</summary>
internal sealed class HttpServices : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddHttpClient().BuildServiceProvider();

    public HttpClient CreateClient() => _services.GetRequiredService<IHttpClientFactory>().CreateClient();

    public void Dispose() => _services.Dispose();
}
