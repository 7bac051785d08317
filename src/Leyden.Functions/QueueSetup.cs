using Leyden.Identity;
using Leyden.Intake;
using Leyden.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Leyden.Functions;

/// <summary>
/// The queue of <see cref="IntakeTriggers.TakeMessage"/>, in the host's own account. Its trigger waits for the queue to be there, but does
/// not create it, and senders would find none.
/// </summary>
public sealed class QueueSetup(IConfiguration configuration, DeploymentIdentity identity)
{
    private volatile bool _isThere;

    /// <summary>Creates the queue unless it is there. Costs a request once for each process.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var storage = new StorageOptions();
        FunctionsApp.UseHostStorage(storage, configuration);
        if (_isThere || !QueueAccount.IsConfigured(storage))
        {
            return;
        }

        var queue = new QueueAccount(Options.Create(storage), identity).Open(QueueOptions.Name);
        await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        _isThere = true;
    }
}
