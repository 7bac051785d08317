using Leyden.Backends;
using Leyden.Backends.Container;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Backends.Container;

public sealed class ContainerOptionsTests
{
    [Theory]
    [InlineData("MaxConcurrent", "0")]
    [InlineData("MaxAttempts", "11")]
    [InlineData("RunTimeout", "00:04:01")]
    [InlineData("HealthTimeout", "00:00:00")]
    [InlineData("PricePerSecond", "-1")]
    [InlineData("Image", "latest")]
    [InlineData("BaseUrl", "container")]
    [InlineData("BaseUrl", "https://user@container")]
    public void A_bad_setting_is_named(string name, string value)
    {
        using var services = Services(("BaseUrl", "http://container:5000"), (name, value));

        var fault = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredService<IOptions<ContainerOptions>>().Value
        );

        Assert.Contains($"Leyden:Container:{name}", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "api://leyden", "BaseUrl is not")]
    [InlineData("http://container:5000", "api://leyden", "no https address")]
    [InlineData("https://container", "leyden", "GUID")]
    [InlineData("https://container", "api://leyden ", "GUID")]
    [InlineData("https://container", "api://leyden?x=1", "GUID")]
    [InlineData("https://container", "api://leyden/.default", "without /.default")]
    public void An_audience_that_can_not_work_is_one_readable_line_at_the_start(
        string baseUrl,
        string audience,
        string words
    )
    {
        using var services = Services(("BaseUrl", baseUrl), ("Audience", audience));

        var fault = Assert.ThrowsAny<Exception>(services.GetRequiredService<IStartupValidator>().Validate);

        var line = SettingFaults.Explain(fault);
        Assert.StartsWith("Leyden:Container:Audience ", line, StringComparison.Ordinal);
        Assert.Contains(words, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://container", "api://2c6e9c0a-0000-4000-8000-000000000001")]
    [InlineData("https://container", "2c6e9c0a-0000-4000-8000-000000000001")]
    [InlineData("https://container", "https://example.com/leyden")]
    [InlineData("http://127.0.0.1:5000", "api://leyden")]
    [InlineData("http://localhost:5000", "api://leyden")]
    [InlineData("http://container:5000", "")]
    [InlineData("", "")]
    public void Audiences_that_can_work_are_taken(string baseUrl, string audience)
    {
        using var services = Services(("BaseUrl", baseUrl), ("Audience", audience));

        services.GetRequiredService<IStartupValidator>().Validate();

        Assert.Equal(baseUrl.Length > 0 ? 1 : 0, services.GetServices<IBackend>().Count());
    }

    [Fact]
    public void Without_an_address_there_is_no_backend()
    {
        using var services = Services(("MaxConcurrent", "2"));

        Assert.Empty(services.GetServices<IBackend>());
    }

    [Fact]
    public void The_backend_tells_its_limits()
    {
        using var services = Services(("BaseUrl", "http://container:5000"), ("MaxConcurrent", "2"));

        var backend = Assert.IsAssignableFrom<ISynchronousBackend>(services.GetRequiredService<IBackend>());

        Assert.Equal(("container", 3), (backend.Name, backend.MaxAttempts));
        Assert.Equal(new BackendLimits(null, 2, TimeSpan.FromSeconds(230), ResubmitUnknown: true), backend.Limits);
    }

    private static ServiceProvider Services(params IEnumerable<(string Name, string Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings
                    .GroupBy(s => s.Name)
                    .Select(g => g.Last())
                    .Select(s => KeyValuePair.Create($"Leyden:Container:{s.Name}", (string?)s.Value))
            )
            .Build();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging()
            .AddContainerBackend(configuration)
            .BuildServiceProvider();
    }
}
