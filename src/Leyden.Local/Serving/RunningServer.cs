namespace Leyden.Local.Serving;

/// <summary>Finds the server that owns a data folder.</summary>
internal sealed class RunningServer(IHttpClientFactory clients, TimeProvider time)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    /// <summary>Looks for a server that answers, also one that is just starting.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="patience">How long to look; zero to look once.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>The server; null when none answers.</returns>
    public async Task<ServerFile?> FindAsync(DataFolder data, TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (ServerFile.Read(data) is { } server && await AnswersAsync(server, cancellationToken))
            {
                return server;
            }

            if (time.GetElapsedTime(start) >= patience)
            {
                return null;
            }

            await Task.Delay(Between, time, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(ServerFile server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTime);
        using var client = clients.CreateClient();
        try
        {
            using var answer = await client.GetAsync(new Uri(server.Url, "/healthz"), limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
