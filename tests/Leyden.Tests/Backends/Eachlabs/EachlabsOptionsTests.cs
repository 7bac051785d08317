using Leyden.Backends;
using Leyden.Backends.Eachlabs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Backends.Eachlabs;

public sealed class EachlabsOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = Bind();

        Assert.Equal("https://api.eachlabs.ai", options.BaseUrl);
        Assert.Null(options.ApiKey);
        Assert.Equal("X-API-Key", options.KeyHeader);
        Assert.Equal((60, 10), (options.RequestsPerMinute, options.MaxConcurrent));
        Assert.Equal((30, 15), (options.CreateTimeout.TotalSeconds, options.ReadTimeout.TotalSeconds));
        Assert.Equal(0.001540m, options.PricePerSecond);
        Assert.False(options.ResubmitUnknown);
    }

    [Theory]
    [InlineData("RequestsPerMinute", "0")]
    [InlineData("RequestsPerMinute", "100001")]
    [InlineData("MaxConcurrent", "0")]
    [InlineData("CreateTimeout", "00:00:00")]
    [InlineData("CreateTimeout", "00:03:01")]
    [InlineData("ReadTimeout", "-00:00:01")]
    [InlineData("PricePerSecond", "-1")]
    [InlineData("KeyHeader", "Cookie")]
    [InlineData("BaseUrl", "api.eachlabs.ai")]
    [InlineData("BaseUrl", "ftp://api.eachlabs.ai")]
    [InlineData("BaseUrl", "https://api.eachlabs.ai?x=1")]
    [InlineData("BaseUrl", "https://user@api.eachlabs.ai")]
    [InlineData("ApiKey", "two words")]
    [InlineData("ApiKey", "line\nbreak")]
    public void A_bad_setting_is_named_and_its_key_is_not_repeated(string name, string value)
    {
        var fault = Assert.Throws<OptionsValidationException>(() => Bind(($"Leyden:Eachlabs:{name}", value)));

        Assert.Contains($"Leyden:Eachlabs:{name}", fault.Message, StringComparison.Ordinal);
        Assert.False(name == "ApiKey" && fault.Message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void The_environment_variable_is_the_key_when_the_section_has_none()
    {
        Assert.Equal("from-env", Bind(("EACHLABS_API_KEY", " from-env\n")).ApiKey);
        Assert.Equal("own", Bind(("EACHLABS_API_KEY", "from-env"), ("Leyden:Eachlabs:ApiKey", "own")).ApiKey);
        Assert.Equal("from-env", Bind(("EACHLABS_API_KEY", "from-env"), ("Leyden:Eachlabs:ApiKey", "")).ApiKey);
    }

    [Fact]
    public void The_backend_tells_its_limits()
    {
        using var services = Services(
            ("Leyden:Eachlabs:RequestsPerMinute", "7"),
            ("Leyden:Eachlabs:MaxConcurrent", "3"),
            ("Leyden:Eachlabs:CreateTimeout", "00:00:20"),
            ("Leyden:Eachlabs:ResubmitUnknown", "true")
        );

        var backend = services.GetRequiredService<IBackend>();

        Assert.Equal("eachlabs", backend.Name);
        Assert.Equal(new BackendLimits(7, 3, TimeSpan.FromSeconds(20), ResubmitUnknown: true), backend.Limits);
    }

    private static EachlabsOptions Bind(params IEnumerable<(string Name, string Value)> settings)
    {
        using var services = Services(settings);
        return services.GetRequiredService<IOptions<EachlabsOptions>>().Value;
    }

    private static ServiceProvider Services(params IEnumerable<(string Name, string Value)> settings) =>
        new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder()
                    .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
                    .Build()
            )
            .AddLogging()
            .AddEachlabsBackend()
            .BuildServiceProvider();
}
