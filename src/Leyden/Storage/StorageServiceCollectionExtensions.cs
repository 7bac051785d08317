using Azure.Storage.Blobs;
using Leyden.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Leyden.Storage;

/// <summary>Puts the object store that the configuration asks for into a host.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IObjectStore"/> by <see cref="StorageOptions"/>, which are checked when the host starts: a
    /// connection string or an account name means Blob Storage, else objects are kept in a folder, whose read URLs the
    /// registered <see cref="IReadUrlSigner"/> makes.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The root of the configuration.</param>
    /// <param name="defaultFolder">The folder that is used when nothing is configured; null to insist on a setting.</param>
    public static IServiceCollection AddObjectStore(
        this IServiceCollection services,
        IConfiguration configuration,
        string? defaultFolder = null
    )
    {
        services
            .AddOptions<StorageOptions>()
            .Bind(configuration.GetSection(StorageOptions.Section))
            .PostConfigure(options =>
            {
                if (
                    string.IsNullOrWhiteSpace(options.ConnectionString)
                    && string.IsNullOrWhiteSpace(options.AccountName)
                    && string.IsNullOrWhiteSpace(options.Folder)
                )
                {
                    options.Folder = defaultFolder;
                }
            })
            .ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>()
        );
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DeploymentIdentity>();
        services.AddSingleton(CreateStore);
        return services;
    }

    private static IObjectStore CreateStore(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        var time = services.GetRequiredService<TimeProvider>();

        // An older protocol that has all this project needs, so that an Azurite of last year still understands it.
        var client = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04);
        client.Retry.BeBrief();
        if (!string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return new BlobObjectStore(new(options.ConnectionString, client), options.Container, time);
        }

        if (!string.IsNullOrWhiteSpace(options.AccountName))
        {
            var account = new Uri($"https://{options.AccountName}.blob.core.windows.net");
            var identity = services.GetRequiredService<DeploymentIdentity>().Credential;
            return new BlobObjectStore(new(account, identity, client), options.Container, time);
        }

        return new FolderObjectStore(options.Folder!, services.GetService<IReadUrlSigner>(), time);
    }
}
