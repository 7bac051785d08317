namespace Leyden.Emulators.Eachlabs;

/// <summary>
/// The hosted prediction API of Eachlabs as documented, on a port of this machine, with faults on command and counters of what
/// it was asked. Its pictures are drawn, not generated. It reads no configuration, writes no log and installs no signal
/// handler, so that it can live inside another program.
/// </summary>
public sealed class EachlabsEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EachlabsCounters _counters;

    private EachlabsEmulator(WebApplication app, EachlabsEmulatorOptions options)
    {
        _app = app;
        Options = options;
        _counters = app.Services.GetRequiredService<EachlabsCounters>();
        Faults = app.Services.GetRequiredService<EachlabsFaults>();
        BaseUrl = new Uri(app.Urls.First());
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri BaseUrl { get; }

    /// <summary>How it behaves. Changes take effect with the next request.</summary>
    public EachlabsEmulatorOptions Options { get; }

    /// <summary>What goes wrong.</summary>
    public EachlabsFaults Faults { get; }

    /// <summary>What it was asked until now.</summary>
    public EachlabsCounts Counts => _counters.Read();

    /// <summary>Starts an emulator.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <param name="timeProvider">The clock of predictions and limits; the system's when null.</param>
    /// <exception cref="ArgumentException"><see cref="EachlabsEmulatorOptions.Url"/> is no http address of this machine.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EachlabsEmulator> StartAsync(
        EachlabsEmulatorOptions options,
        CancellationToken cancellationToken,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var app = Build(options, timeProvider ?? TimeProvider.System);
        try
        {
            await app.StartAsync(cancellationToken);
            return new EachlabsEmulator(app, options);
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

    private static WebApplication Build(EachlabsEmulatorOptions options, TimeProvider timeProvider)
    {
        var builder = EmulatorServer.CreateBuilder(options.Url);
        builder
            .Services.AddSingleton(options)
            .AddSingleton(timeProvider)
            .AddSingleton<EachlabsFaults>()
            .AddSingleton<EachlabsCounters>()
            .AddSingleton<PredictionTable>()
            .AddSingleton<PredictionJson>()
            .AddSingleton<ApiGate>()
            .AddSingleton<WebhookSender>()
            .AddSingleton<FaultyAnswers>()
            .AddSingleton<CreateEndpoint>()
            .AddSingleton<PredictionEndpoints>()
            .AddSingleton<OutputEndpoint>()
            .AddHttpClient(WebhookSender.HttpClientName, client => client.Timeout = TimeSpan.FromSeconds(15));

        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        var services = app.Services;
        var create = services.GetRequiredService<CreateEndpoint>();
        var prediction = services.GetRequiredService<PredictionEndpoints>();
        var outputs = services.GetRequiredService<OutputEndpoint>();

        var api = app.MapGroup("/v1/prediction");
        api.AddEndpointFilter(services.GetRequiredService<ApiGate>());
        // A pattern without a slash at its end matches requests with and without one.
        api.MapPost("", (Delegate)create.CreateAsync);
        api.MapPost("/run", (Delegate)create.RunAsync);
        api.MapGet("/{id}", prediction.GetAsync);
        api.MapPost("/{id}/cancel", prediction.Cancel);

        app.MapGet("/outputs/{id}/{number:int}.png", outputs.GetAsync);
        app.MapAdmin(services.GetRequiredService<EachlabsCounters>(), services.GetRequiredService<EachlabsFaults>());
    }
}
