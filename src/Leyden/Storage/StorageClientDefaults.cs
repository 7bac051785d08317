using Azure.Core;

namespace Leyden.Storage;

/// <summary>How clients of a storage account behave when it does not answer.</summary>
internal static class StorageClientDefaults
{
    /// <summary>
    /// Bounds the wait: by default a request is given up after 100 seconds and repeated five times, while callers and activities wait.
    /// </summary>
    public static void BeBrief(this RetryOptions retry)
    {
        retry.NetworkTimeout = TimeSpan.FromSeconds(15);
        retry.MaxRetries = 2;
        retry.Delay = TimeSpan.FromMilliseconds(400);
        retry.MaxDelay = TimeSpan.FromSeconds(3);
    }
}
