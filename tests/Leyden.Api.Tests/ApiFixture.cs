namespace Leyden.Api.Tests;

/// <summary>One host with the usual settings for all tests of a class.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public ApiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
