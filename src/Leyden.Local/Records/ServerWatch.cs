using Leyden.Local.Generating;
using Leyden.Local.Serving;
using Leyden.Predictions;

namespace Leyden.Local.Records;

/// <summary>Follows a prediction in the server that runs it, with the progress display of <c>generate</c>.</summary>
internal static class ServerWatch
{
    /// <summary>Returns when the prediction has ended.</summary>
    /// <exception cref="SetupException">No server runs, or it needs a key that is not set.</exception>
    /// <exception cref="HttpRequestException">The server does not know the prediction, or does not answer any more.</exception>
    public static async Task FollowAsync(
        OwnerRecords records,
        PredictionId id,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var clients = records.Services.GetRequiredService<IHttpClientFactory>();
        var server =
            await new RunningServer(clients, TimeProvider.System).FindAsync(
                records.Data,
                TimeSpan.Zero,
                cancellationToken
            )
            ?? throw new SetupException(
                $"No server runs on {records.Data.Path}, so that nothing happens to watch: start one with leyden serve."
            );
        await using var session = RemoteSession.Open(server, clients.CreateClient());
        IProgressDisplay progress = terminal.IsLive
            ? new LiveProgress(terminal, 1)
            : new PlainProgress(terminal, 1, TimeProvider.System);
        await progress.ShowAsync(async () =>
        {
            var views = 0;
            await foreach (var view in session.FollowAsync(id, cancellationToken))
            {
                progress.Update(0, view);
                views++;
            }

            return views;
        });
    }
}
