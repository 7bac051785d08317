using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Leyden.Tests.Net;

/// <summary>
/// An HTTP/1.1 server by hand, for answers that no decent server gives. Reads one request after another on each connection
/// and lets the test answer on the bare socket.
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawExchange, Task> _answer;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">What is done with each request. The connection is closed when it throws or closes it.</param>
    public RawServer(Func<RawExchange, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        BaseUrl = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri BaseUrl { get; }

    /// <summary>Requests that arrived with their bodies.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A server that answers each request with a status, headers and a body.</summary>
    public static RawServer Answering(int status, string body, params string[] headers) =>
        new(exchange => exchange.AnswerAsync(status, body, headers));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                while (await ReadRequestAsync(socket) is { } request)
                {
                    var number = Interlocked.Increment(ref _requests);
                    await _answer(new RawExchange(socket, request, number, _stop.Token));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client left or the test ended.
            }
        }
    }

    private async Task<string?> ReadRequestAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            var request = text.ToString();
            var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && request.Length >= end + 4 + ContentLength(request[..end]))
            {
                return request;
            }
        }
    }

    private static int ContentLength(string head)
    {
        const string name = "Content-Length:";
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }
}

/// <summary>One request, and the socket to answer it on.</summary>
/// <param name="Socket">The bare connection.</param>
/// <param name="Request">Head and body, as Latin-1.</param>
/// <param name="Number">From 1, over all connections.</param>
/// <param name="Stop">The server ends.</param>
internal sealed record RawExchange(Socket Socket, string Request, int Number, CancellationToken Stop)
{
    /// <summary>Answers decently.</summary>
    public Task AnswerAsync(int status, string body, params string[] headers)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Answer\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        return SendAsync($"{head}\r\n{body}");
    }

    /// <summary>Sends text as it is.</summary>
    public async Task SendAsync(string text) => await Socket.SendAsync(Encoding.UTF8.GetBytes(text), Stop);

    /// <summary>Breaks the connection with a reset.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Close();
    }

    /// <summary>Ends the connection in good form: everything sent arrives, then its end. The client closes it.</summary>
    public void Close() => Socket.Shutdown(SocketShutdown.Send);
}
