using Leyden.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Storage;

public sealed class StorageOptionsTests
{
    private const string Connection =
        "DefaultEndpointsProtocol=https;AccountName=example;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=core.windows.net";

    [Theory]
    [InlineData("ConnectionString", Connection, typeof(BlobObjectStore))]
    [InlineData("ConnectionString", "UseDevelopmentStorage=true", typeof(BlobObjectStore))]
    [InlineData("AccountName", "example123", typeof(BlobObjectStore))]
    [InlineData("Folder", "somewhere", typeof(FolderObjectStore))]
    [InlineData("Container", "other-name", typeof(FolderObjectStore))]
    public void The_setting_picks_the_store_and_a_folder_is_the_default(string setting, string value, Type store)
    {
        using var services = Services("a-folder", (setting, value));

        services.GetRequiredService<IStartupValidator>().Validate();

        Assert.IsType(store, services.GetRequiredService<IObjectStore>());
    }

    [Fact]
    public void The_default_folder_and_container_are_seen_in_the_options()
    {
        using var services = Services("a-folder");
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;

        Assert.Equal("a-folder", options.Folder);
        Assert.Equal("leyden", options.Container);
    }

    [Theory]
    [InlineData("none is", null, null, null)]
    [InlineData("none is", " ", "", null)]
    [InlineData("ConnectionString and Folder are", Connection, null, "f")]
    [InlineData("ConnectionString and AccountName and Folder are", Connection, "example", "f")]
    public void Exactly_one_place_must_be_set(string found, string? connection, string? account, string? folder)
    {
        using var services = Services(
            null,
            ("ConnectionString", connection),
            ("AccountName", account),
            ("Folder", folder)
        );

        Assert.Equal(
            $"Leyden:Storage: exactly one of ConnectionString, AccountName and Folder must be set; {found}.",
            Error(services)
        );
    }

    [Theory]
    [InlineData("AccountName", "My-Account", "Leyden:Storage:AccountName is 'My-Account'")]
    [InlineData("AccountName", "ab", "Leyden:Storage:AccountName is 'ab'")]
    [InlineData("AccountName", "evil.example.com/x", "Leyden:Storage:AccountName is 'evil.example.com/x'")]
    [InlineData("Container", "Leyden", "Leyden:Storage:Container is 'Leyden'")]
    [InlineData("Container", "le", "Leyden:Storage:Container is 'le'")]
    [InlineData("Container", "a--b", "Leyden:Storage:Container is 'a--b'")]
    [InlineData("ConnectionString", "AccountKey=c2VjcmV0;nonsense", "Leyden:Storage:ConnectionString is not")]
    public void A_wrong_setting_is_named(string setting, string value, string message)
    {
        using var services = Services("a-folder", (setting, value));

        var error = Error(services);

        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error, StringComparison.Ordinal);
    }

    private static string Error(ServiceProvider services) =>
        Assert
            .Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate())
            .Message;

    private static ServiceProvider Services(string? defaultFolder, params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(each => $"Leyden:Storage:{each.Key}", each => each.Value))
            .Build();
        return new ServiceCollection().AddObjectStore(configuration, defaultFolder).BuildServiceProvider();
    }
}
