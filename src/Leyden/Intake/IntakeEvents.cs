using System.Text.RegularExpressions;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Leyden.Intake;

/// <summary>Starts what events from outside lead to. Repeats of an event, which its senders allow themselves, start nothing twice.</summary>
public sealed partial class IntakeEvents(IntakeWishes wishes, IOptions<StorageOptions> storage)
{
    /// <summary>Starts what one event leads to. Events of other types, and blobs elsewhere than under <c>uploads/</c>, lead to nothing.</summary>
    public async Task<IntakeOutcome> HandleAsync(
        IncomingEvent incoming,
        Owner owner,
        bool mayNameOwner,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var context = new IntakeContext(owner, incoming.IdempotencyKey, mayNameOwner);
        return incoming.Type switch
        {
            IncomingEvent.Requested => await wishes.StartAsync(incoming.Data, context, client, cancellationToken),
            IncomingEvent.BlobCreated when Upload(incoming.Subject) is { } name => await wishes.StartUploadAsync(
                name,
                context,
                client,
                cancellationToken
            ),
            _ => new IntakeOutcome.Taken(null),
        };
    }

    private string? Upload(string subject) =>
        BlobSubject().Match(subject) is { Success: true } blob
        && blob.Groups["container"].Value == storage.Value.Container
        && blob.Groups["name"].Value.StartsWith(IntakeWishes.Uploads, StringComparison.Ordinal)
            ? blob.Groups["name"].Value
            : null;

    [GeneratedRegex(@"\A/blobServices/default/containers/(?<container>[^/]+)/blobs/(?<name>.+)\z")]
    private static partial Regex BlobSubject();
}
