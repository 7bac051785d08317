using System.Net;

namespace Leyden.Emulators;

/// <summary>A web server that can live inside another program: no configuration, no log, no signal handler.</summary>
internal static class EmulatorServer
{
    /// <summary>Begins one.</summary>
    /// <param name="url">An http address of this machine; port 0 takes a free one.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static WebApplicationBuilder CreateBuilder(string url)
    {
        var (address, port) = ParseUrl(url);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        return builder;
    }

    private static (IPAddress Address, int Port) ParseUrl(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp)
        {
            if (url.Host == "localhost")
            {
                return (IPAddress.Loopback, url.Port);
            }

            if (IPAddress.TryParse(url.DnsSafeHost, out var address))
            {
                return (address, url.Port);
            }
        }

        throw new ArgumentException(
            $"'{text}' is no http address of this machine; use for example http://127.0.0.1:5080."
        );
    }

    /// <summary>Instead of the console's lifetime, which would answer Ctrl+C for the program around the emulator.</summary>
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
