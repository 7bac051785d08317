using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Cog;

/// <summary>
/// The HTTP API of a Cog container with SDXL-Lightning, as documented, on a port of this machine, with faults on command and counters of what
/// it was asked. Its pictures are drawn, not generated. It reads no configuration, writes no log and installs no signal handler, so that
/// it can live inside another program.
/// </summary>
public sealed class CogEmulator : IAsyncDisposable
{
    private static readonly JsonSerializerOptions SnakeCase = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly WebApplication _app;
    private readonly CogCounters _counters;
    private readonly CogLife _life;
    private readonly CogDoor _door;

    private CogEmulator(WebApplication app, CogEmulatorOptions options)
    {
        _app = app;
        Options = options;
        _counters = app.Services.GetRequiredService<CogCounters>();
        _life = app.Services.GetRequiredService<CogLife>();
        _door = app.Services.GetRequiredService<CogDoor>();
        BaseUrl = new Uri(app.Urls.First());
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri BaseUrl { get; }

    /// <summary>How it behaves. Changes take effect with the next request.</summary>
    public CogEmulatorOptions Options { get; }

    /// <summary>What it was asked until now.</summary>
    public CogCounts Counts => _counters.Read();

    /// <summary>Puts it to sleep: the next request begins its setup, which takes <see cref="CogEmulatorOptions.SetupTime"/>.</summary>
    public void Sleep() => _life.Sleep();

    /// <summary>Where an identity gets tokens for its sign-in: what <c>IDENTITY_ENDPOINT</c> is in Azure.</summary>
    public Uri IdentityEndpoint => new(BaseUrl, "emulator/identity");

    /// <summary>Makes a token for its sign-in.</summary>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="lifetime">From now; negative for one that has expired.</param>
    public string IssueToken(string audience, TimeSpan lifetime) => _door.Issue(audience, "test", lifetime);

    /// <summary>Starts an emulator.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="ArgumentException"><see cref="CogEmulatorOptions.Url"/> is no http address of this machine.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<CogEmulator> StartAsync(CogEmulatorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var app = Build(options);
        try
        {
            await app.StartAsync(cancellationToken);
            return new CogEmulator(app, options);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening; connections that are open are cut after a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(CogEmulatorOptions options)
    {
        var builder = EmulatorServer.CreateBuilder(options.Url);
        builder
            .Services.AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<CogFaults>()
            .AddSingleton<CogCounters>()
            .AddSingleton<CogLife>()
            .AddSingleton<CogDoor>()
            .AddSingleton<CogAnswers>()
            .AddSingleton<CogPredictions>();
        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        var predictions = app.Services.GetRequiredService<CogPredictions>();
        var counters = app.Services.GetRequiredService<CogCounters>();
        var life = app.Services.GetRequiredService<CogLife>();
        var door = app.Services.GetRequiredService<CogDoor>();
        app.Use(door.PassAsync);
        app.MapGet(
            "/",
            () => Results.Json(new JsonObject { ["cog_version"] = "0.17.0", ["healthcheck_url"] = "/health-check" })
        );
        app.MapGet(
            "/health-check",
            () =>
            {
                counters.HealthCheck();
                return Results.Json(life.Health());
            }
        );
        app.MapPost("/predictions", (Delegate)((HttpContext context) => predictions.PutAsync(context, null)));
        app.MapPut("/predictions/{id}", predictions.PutAsync);
        app.MapPost("/predictions/{id}/cancel", predictions.Cancel);

        var admin = app.MapGroup("/emulator");
        admin.MapGet("/health", () => Results.Text("ok"));
        admin.MapGet("/counters", () => Results.Json(counters.Read(), SnakeCase));
        admin.MapPost("/sleep", life.Sleep);
        admin.MapGet("/identity", door.GiveToken);
    }
}
