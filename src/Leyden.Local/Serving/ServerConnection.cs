namespace Leyden.Local.Serving;

/// <summary>A way to talk to the server that owns the data folder.</summary>
/// <param name="Http">A client with the server's address.</param>
/// <param name="Key">What the server admits; null when it needs no key.</param>
internal sealed record ServerConnection(HttpClient Http, string? Key) : IDisposable
{
    /// <summary>The environment variable with the key for a server that needs one.</summary>
    public const string KeyVariable = "LEYDEN_API_KEY";

    private const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>Prepares to talk to a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="http">A client of one's own.</param>
    /// <param name="answerTime">How long an answer may take to begin.</param>
    /// <exception cref="SetupException">The server needs a key and <see cref="KeyVariable"/> is not set.</exception>
    public static ServerConnection Open(ServerFile server, HttpClient http, TimeSpan answerTime)
    {
        var key = Environment.GetEnvironmentVariable(KeyVariable);
        if (server.NeedsKey && string.IsNullOrEmpty(key))
        {
            throw new SetupException(
                $"The server at {server.Url} owns the data folder and needs a key: set {KeyVariable}, or name another folder with --data."
            );
        }

        http.BaseAddress = server.Url;
        http.Timeout = answerTime;
        http.MaxResponseContentBufferSize = MaxAnswerBytes;
        return new ServerConnection(http, key);
    }

    /// <summary>A request with the key.</summary>
    public HttpRequestMessage Message(HttpMethod method, string path)
    {
        var message = new HttpRequestMessage(method, path);
        if (!string.IsNullOrEmpty(Key))
        {
            message.Headers.Add("X-API-Key", Key);
        }

        return message;
    }

    /// <summary>What to say of an answer that refuses the key.</summary>
    public SetupException NotAdmitted() =>
        new($"The server at {Http.BaseAddress} does not admit the key in {KeyVariable}.");

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();
}
