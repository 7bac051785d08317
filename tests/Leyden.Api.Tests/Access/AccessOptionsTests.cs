using Leyden.Api.Access;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Tests.Access;

public sealed class AccessOptionsTests
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private const string Other = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

    [Fact]
    public void Keys_come_from_the_configuration_section()
    {
        using var services = Services(
            ("Leyden:Keys:Alice", $"{Hash},{Other}"),
            ("Leyden:Keys:bob", new string('0', 64))
        );
        var identifier = services.GetRequiredService<CallerIdentifier>();
        var request = new DefaultHttpContext().Request;
        request.Headers["X-API-Key"] = "test";

        Assert.Equal(new CallerIdentity.Known(new Owner("alice")), identifier.Identify(request));
        request.Headers["X-API-Key"] = "test2";
        Assert.Equal(new CallerIdentity.Known(new Owner("alice")), identifier.Identify(request));
    }

    [Fact]
    public void No_section_means_no_keys()
    {
        using var services = Services();

        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.False(services.GetRequiredService<CallerIdentifier>().KeysConfigured);
    }

    [Theory]
    [InlineData("Leyden:Keys:-alice", Hash, "Leyden:Keys:-alice: a key's name must be")]
    [InlineData("Leyden:Keys:al ice", Hash, "Leyden:Keys:al ice: a key's name must be")]
    [InlineData("Leyden:Keys:a23456789012345678901234567890123", Hash, "a key's name must be")]
    [InlineData("Leyden:Keys:alice", "", "Leyden:Keys:alice must be the SHA-256")]
    [InlineData("Leyden:Keys:alice", "ley_the-key-itself", "Leyden:Keys:alice must be the SHA-256")]
    [InlineData("Leyden:Keys:alice", Hash + ",", "Leyden:Keys:alice must be the SHA-256")]
    [InlineData("Leyden:Keys:alice", Hash + "," + "zz", "Leyden:Keys:alice must be the SHA-256")]
    [InlineData("Leyden:Keys:alice:nested", Hash, "Leyden:Keys:alice must be the SHA-256")]
    public void A_wrong_setting_is_named_at_start_without_its_value(string setting, string value, string message)
    {
        using var services = Services((setting, value), ("Leyden:Keys:wrong-too", "1"));

        var error = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredService<IStartupValidator>().Validate()
        );

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("Leyden:Keys:wrong-too must be", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-key-itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_key_can_not_have_two_names()
    {
        using var services = Services(
            ("Leyden:Keys:alice", Hash),
            ("Leyden:Keys:bob", $"{Other},{Hash.ToUpperInvariant()}")
        );

        var error = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredService<IStartupValidator>().Validate()
        );

        Assert.Equal(
            "Leyden:Keys:bob is the same key as Leyden:Keys:alice, so that it names two owners.",
            error.Message
        );
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings) =>
        new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder()
                    .AddInMemoryCollection(settings.ToDictionary(each => each.Key, each => (string?)each.Value))
                    .Build()
            )
            .AddAccess()
            .BuildServiceProvider();
}
