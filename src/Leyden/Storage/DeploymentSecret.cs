using System.Security.Cryptography;
using System.Text;

namespace Leyden.Storage;

/// <summary>
/// The one secret of a deployment, in its object store: made at the first use, the same for every process, never shown. Keys for
/// single purposes are derived from it (HKDF with SHA-256, RFC 5869).
/// </summary>
public sealed class DeploymentSecret(IObjectStore objects) : IDisposable
{
    private const int Bytes = 32;
    private static readonly ObjectKey Key = new("secrets/deployment.json");

    private readonly SemaphoreSlim _reading = new(1, 1);
    private byte[]? _secret;

    /// <summary>Gives the key of a purpose: 32 bytes, always the same in this deployment and unrelated to the keys of other purposes.</summary>
    public async ValueTask<byte[]> DeriveAsync(string purpose, CancellationToken cancellationToken)
    {
        var secret = Volatile.Read(ref _secret) ?? await ReadOrCreateAsync(cancellationToken);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Bytes, info: Encoding.UTF8.GetBytes(purpose));
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async Task<byte[]> ReadOrCreateAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_secret is null)
            {
                // Read first: it is there in every life of a deployment but one.
                var stored = (await objects.GetJsonAsync<StoredSecret>(Key, cancellationToken))?.Value;
                Volatile.Write(ref _secret, Checked(stored ?? await CreateAsync(cancellationToken)));
            }

            return _secret!;
        }
        finally
        {
            _reading.Release();
        }
    }

    private Task<StoredSecret> CreateAsync(CancellationToken cancellationToken) =>
        objects.PutFirstJsonAsync(Key, new StoredSecret(RandomNumberGenerator.GetBytes(Bytes)), cancellationToken);

    private static byte[] Checked(StoredSecret stored) =>
        stored.Secret is { Length: >= Bytes } secret
            ? secret
            : throw new InvalidDataException(
                $"The object {Key} should hold at least {Bytes} bytes; delete it to end the validity of all that was signed and start anew."
            );

    private sealed record StoredSecret(byte[] Secret);
}
