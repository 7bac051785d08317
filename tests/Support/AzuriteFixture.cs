namespace Leyden.TestSupport;

/// <summary>
/// One <see cref="Azurite"/>, in memory, for all tests of an assembly:
/// <c>[assembly: AssemblyFixture(typeof(AzuriteFixture))]</c>. It starts when a test first asks, so a run that needs no
/// storage needs no Node either.
/// </summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Azurite? _azurite;

    /// <summary>
    /// The running emulator. Tests share it, so each uses container, queue and hub names of its own. A machine without
    /// Node skips the calling test (or fails it under <c>CI=true</c>).
    /// </summary>
    public async Task<Azurite> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _azurite ??= await Azurite.StartAsync(folder: null, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        _gate.Dispose();
    }
}
