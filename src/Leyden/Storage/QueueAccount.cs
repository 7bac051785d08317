using Azure.Storage.Queues;
using Leyden.Identity;
using Microsoft.Extensions.Options;

namespace Leyden.Storage;

/// <summary>
/// The queues of the storage account that the objects are in (<see cref="StorageOptions"/>); there are none where objects are in a
/// folder. What is sent is
/// Base64 text unless asked otherwise: Functions that read it expect that.
/// </summary>
public sealed class QueueAccount(IOptions<StorageOptions> options, DeploymentIdentity identity)
{
    /// <summary>Whether there is an account.</summary>
    public bool Exists => IsConfigured(options.Value);

    /// <summary>Whether the settings name an account.</summary>
    public static bool IsConfigured(StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        return !string.IsNullOrWhiteSpace(storage.ConnectionString) || !string.IsNullOrWhiteSpace(storage.AccountName);
    }

    /// <summary>Gives access to a queue, without a request.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="encoding">How messages are written, and expected to be.</param>
    /// <exception cref="InvalidOperationException">There is no account.</exception>
    public QueueClient Open(string queue, QueueMessageEncoding encoding = QueueMessageEncoding.Base64)
    {
        var storage = options.Value;

        // An older protocol that has all this project needs, so that an Azurite of last year still understands it.
        var client = new QueueClientOptions(QueueClientOptions.ServiceVersion.V2024_11_04)
        {
            MessageEncoding = encoding,
        };
        client.Retry.BeBrief();
        if (!string.IsNullOrWhiteSpace(storage.ConnectionString))
        {
            return new QueueClient(storage.ConnectionString, queue, client);
        }

        return string.IsNullOrWhiteSpace(storage.AccountName)
            ? throw new InvalidOperationException(
                "Objects are in a folder, so there is no storage account with queues."
            )
            : new QueueClient(
                new Uri($"https://{storage.AccountName}.queue.core.windows.net/{queue}"),
                identity.Credential,
                client
            );
    }
}
