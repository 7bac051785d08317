namespace Leyden.DurableTask.Sqlite;

/// <summary>Waits that end in a value: true for the thing waited for, false for time-out or cancellation.</summary>
internal static class Waiting
{
    public static async Task<bool> ForAsync(
        SemaphoreSlim semaphore,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        if (semaphore.Wait(0, CancellationToken.None))
        {
            return true;
        }

        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await semaphore.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return false;
        }
    }
}
