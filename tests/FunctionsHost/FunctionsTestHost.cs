using Leyden.Functions;
using Leyden.Net;

namespace Leyden.FunctionsHost;

/// <summary>
/// Stands in for the Functions host: the app's own services and functions (found by the attributes of their triggers) in one process,
/// with real HTTP, a real task hub and real queues in the storage account of the setting <c>AzureWebJobsStorage</c>.
/// </summary>
/// <remarks>
/// Different from the real host: worker and host are one process, so an activity is never failed because the worker died; the app's
/// middleware does not run; timers do not follow their schedules; a function can not have a <c>FunctionContext</c>.
/// </remarks>
public sealed class FunctionsTestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FunctionsTestHost(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a host.</summary>
    public static async Task<FunctionsTestHost> StartAsync(
        FunctionsHostOptions options,
        CancellationToken cancellationToken
    )
    {
        var host = new FunctionsTestHost(Build(options));
        try
        {
            FunctionsApp.CheckRoute(host.Services);
            await host._app.StartAsync(cancellationToken);
            host.Services.GetRequiredService<DeploymentAddress>().ListensAt(host.Url);
            return host;
        }
        catch
        {
            await host._app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the function of a timer now.</summary>
    /// <returns>Whether there is one of this name.</returns>
    public Task<bool> RunTimerAsync(string name, CancellationToken cancellationToken) =>
        Services.GetRequiredService<TimerTriggers>().RunAsync(name, cancellationToken);

    /// <summary>Returns when the host has been asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) =>
        _app.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(FunctionsHostOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(
            options.Settings.Select(s =>
                KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value)
            )
        );
        builder.WebHost.UseKestrelCore().UseUrls(options.Url);
        builder.Services.AddRoutingCore();
        AddLogging(builder);
        builder.AddLeyden();

        var functions = FunctionMethod.Find([typeof(FunctionsApp).Assembly, .. options.Assemblies]);
        var file = HostFile.Read(builder.Configuration);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(functions);
        builder.Services.AddSingleton(file);
        DurableTriggers.Add(builder.Services, file, functions);
        builder.Services.AddHostedService<QueueTriggers>();
        builder.Services.AddSingleton<TimerTriggers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TimerTriggers>());
        options.Configure?.Invoke(builder.Services);

        var app = builder.Build();
        HttpTriggers.Map(app, functions);
        app.MapPost(
            "/admin/functions/{name}",
            async (string name, TimerTriggers timers, CancellationToken aborted) =>
                await timers.RunAsync(name, aborted) ? Results.Accepted() : Results.NotFound()
        );
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("DurableTask", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    }
}
