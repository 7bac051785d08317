using Leyden.Storage;
using Leyden.TestSupport;

namespace Leyden.Tests.Orchestration;

/// <summary>
/// An object store that now and then fails before or after it has done what it was asked, as storage behind a network does: the caller
/// can not tell which.
/// </summary>
internal sealed class FaultyObjectStore(IObjectStore inner) : ObjectStoreDecorator(inner)
{
    private int _calls;

    /// <summary>Every so many calls one fails; 0 for none.</summary>
    public int FailsEvery { get; set; }

    /// <summary>How many calls have failed.</summary>
    public int Failures { get; private set; }

    public override Task<StoredObject?> GetAsync(ObjectKey key, CancellationToken cancellationToken) =>
        FailAroundAsync(() => base.GetAsync(key, cancellationToken));

    public override Task<string?> PutAsync(
        ObjectKey key,
        Stream content,
        string contentType,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => FailAroundAsync(() => base.PutAsync(key, content, contentType, condition, cancellationToken));

    public override Task<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        FailAroundAsync(() => base.DeleteAsync(key, cancellationToken));

    private async Task<T> FailAroundAsync<T>(Func<Task<T>> act)
    {
        var call = Interlocked.Increment(ref _calls);
        var fails = FailsEvery > 0 && call % FailsEvery == 0;
        var after = call / Math.Max(1, FailsEvery) % 2 == 0;
        if (fails && !after)
        {
            Failures++;
            throw new IOException("The store fails before it acts.");
        }

        var result = await act();
        if (fails)
        {
            Failures++;
            (result as IDisposable)?.Dispose();
            throw new IOException("The store fails after it has acted.");
        }

        return result;
    }
}
