using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace Leyden.TestSupport;

/// <summary>
/// Stands before a server and tells of each request after the server has answered it and before the caller hears of it: the moment at
/// which what was asked for has happened, and only the server knows.
/// </summary>
public sealed class ObservedProxy : IAsyncDisposable
{
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _client;

    private ObservedProxy(WebApplication app, HttpMessageInvoker client, Uri target)
    {
        _app = app;
        _client = client;
        Url = new Uri(new Uri(app.Urls.Single()), target.AbsolutePath);
    }

    /// <summary>What to call instead of the server.</summary>
    public Uri Url { get; }

    /// <summary>Starts a proxy on a free port.</summary>
    /// <param name="target">The server; a path is kept.</param>
    /// <param name="answered">Hears of each request that was answered; the caller waits for it.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<ObservedProxy> StartAsync(
        Uri target,
        Func<ObservedRequest, ValueTask> answered,
        CancellationToken cancellationToken
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var client = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
            }
        );
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var server = target.GetLeftPart(UriPartial.Authority);
        var observer = new Observer(answered);
        app.Run(async context => await forwarder.SendAsync(context, server, client, Patient, observer));
        await app.StartAsync(cancellationToken);
        return new ObservedProxy(app, client, target);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private sealed class Observer(Func<ObservedRequest, ValueTask> answered) : HttpTransformer
    {
        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext,
            HttpResponseMessage? proxyResponse,
            CancellationToken cancellationToken
        )
        {
            if (proxyResponse is not null)
            {
                var request = httpContext.Request;
                await answered(
                    new(request.Method, request.Path, request.QueryString.Value ?? "", proxyResponse.StatusCode)
                );
            }

            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}

/// <summary>A request that a server has answered.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query string with its question mark; empty for none.</param>
/// <param name="Status">The answer's status.</param>
public sealed record ObservedRequest(string Method, string Path, string Query, HttpStatusCode Status);
