using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.Tests.Notifications;

/// <summary>Somebody who is told: a web server that keeps every request byte for byte and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _count;

    private Receiver(WebApplication app) => _app = app;

    /// <summary>What was received, in order of arrival.</summary>
    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>How each request is answered, given its number from 1; 204 unless a test says otherwise.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } =
        (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };

    /// <summary>Where it listens.</summary>
    public string Url => $"{_app.Urls.Single()}/hook";

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>The names of the events received, in order.</summary>
    public IEnumerable<string> Types => Requests.Select(r => r.Type);

    public static async Task<Receiver> StartAsync(string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Answers with a status.</summary>
    public void AnswerWith(int status, params (string Name, string Value)[] headers) =>
        Answer = (context, _) => WriteAsync(context, status, headers);

    /// <summary>Answers the first requests with a status, and 204 from then on.</summary>
    public void FailFirst(int requests, int status, params (string Name, string Value)[] headers) =>
        Answer = (context, number) =>
            number <= requests ? WriteAsync(context, status, headers) : WriteAsync(context, 204, []);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static Task WriteAsync(HttpContext context, int status, (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return status == 204 ? Task.CompletedTask : context.Response.WriteAsync($"status {status}");
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(
            h => h.Key,
            h => h.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        Requests.Enqueue(new Received(headers, body.ToArray()));
        await Answer(context, Interlocked.Increment(ref _count));
    }
}

/// <summary>One request as it arrived.</summary>
internal sealed record Received(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];

    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string Type => (string)Json["type"]!;

    public string Text => Encoding.UTF8.GetString(Body);
}
