using Leyden.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Outputs;

/// <summary>Puts signed output URLs into a host that serves the objects of a folder itself.</summary>
public static class OutputServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="OutputUrlSigner"/>, also as the store's <see cref="IReadUrlSigner"/>, with the secret that is kept in
    /// <see cref="StorageOptions.Folder"/>. Where Blob Storage is configured nothing asks for it and no secret is made.
    /// </summary>
    public static IServiceCollection AddOutputUrls(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var folder = provider.GetRequiredService<IOptions<StorageOptions>>().Value.Folder;
            return string.IsNullOrWhiteSpace(folder)
                ? throw new InvalidOperationException("Outputs are in Blob Storage, which serves them itself.")
                : new OutputUrlSigner(UrlSecret.ReadOrCreate(folder), provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IReadUrlSigner>(provider => provider.GetRequiredService<OutputUrlSigner>());
        return services;
    }
}
