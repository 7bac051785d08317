using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Leyden.Backends.Eachlabs;
using Leyden.Callbacks;
using Leyden.DurableTask.Sqlite;
using Leyden.DurableTask.Sqlite.Hosting;
using Leyden.Emulators.Eachlabs;
using Leyden.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Leyden.Api.Tests;

/// <summary>
/// The API as a host serves it, on a free port: Kestrel, all routes, the real engine on a file, a real folder, and the Eachlabs
/// backend against the emulator. Whatever is logged is searched for the keys; <see cref="DisposeAsync"/> fails when one is found.
/// </summary>
public sealed class ApiHost : IAsyncDisposable
{
    public const string AliceKey = "key-of-alice-that-no-log-may-show";
    public const string BobKey = "key-of-bob-that-no-log-may-show";
    private const string BackendKey = "key-of-eachlabs-that-no-log-may-show";
    private const string StartOfCallbackToken = $"/{CallbackAddress.Path}/A"; // base64url of the version
    private const long MaxBodyBytes = 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("leyden-api-").FullName;
    private readonly ServiceProvider _httpServices = new ServiceCollection()
        .AddHttpClient(nameof(ApiHost))
        .ConfigurePrimaryHttpMessageHandler(() =>
            new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }
        )
        .Services.BuildServiceProvider();
    private WebApplication _app = null!;

    private ApiHost(EachlabsEmulator emulator) => Emulator = emulator;

    /// <summary>What plays Eachlabs.</summary>
    public EachlabsEmulator Emulator { get; }

    /// <summary>A caller with a key of its own.</summary>
    public ApiClient Alice { get; private set; } = null!;

    /// <summary>Another one.</summary>
    public ApiClient Bob { get; private set; } = null!;

    /// <summary>A caller without a key.</summary>
    public ApiClient Nobody { get; private set; } = null!;

    /// <summary>What was logged.</summary>
    public SecretWatch Logs { get; } = new(AliceKey, BobKey, BackendKey, StartOfCallbackToken);

    /// <summary>Where the objects are.</summary>
    public string Objects => Path.Combine(_folder, "objects");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts a host.</summary>
    /// <param name="settings">Configuration beside the usual one, such as <c>Leyden:MaxWait</c>.</param>
    /// <param name="emulate">Changes how the emulator behaves: by default without limits and in a tenth of a second.</param>
    /// <param name="wrap">Puts something around the object store.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="add">Adds to what the host is made of.</param>
    public static async Task<ApiHost> StartAsync(
        IEnumerable<(string Name, string Value)>? settings = null,
        Action<EachlabsEmulatorOptions>? emulate = null,
        Func<IObjectStore, IObjectStore>? wrap = null,
        TimeProvider? time = null,
        Action<IServiceCollection>? add = null
    )
    {
        var options = new EachlabsEmulatorOptions
        {
            ApiKey = BackendKey,
            RequestsPerMinute = 0,
            MaxConcurrent = 0,
            QueueTime = TimeSpan.FromMilliseconds(10),
            RunTime = TimeSpan.FromMilliseconds(100),
        };
        emulate?.Invoke(options);
        var host = new ApiHost(await EachlabsEmulator.StartAsync(options, Stop));
        await host.StartAsync(settings ?? [], wrap, time, add);
        return host;
    }

    /// <summary>The setting that makes a host known by its address, so that backends are asked to call it.</summary>
    public static (string Name, string Value) ReachableForBackends()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ("Leyden:PublicBaseUrl", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A caller with a key of one's choice.</summary>
    public ApiClient With(string? key)
    {
        var http = _httpServices.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(ApiHost));
        http.BaseAddress = new Uri(_app.Urls.Single());
        return new ApiClient(http, key);
    }

    /// <summary>Everything that a request may leave behind: stored objects, orchestrations, requests to the backend.</summary>
    public async Task<string> TracesAsync()
    {
        var files = Directory.Exists(Objects)
            ? new DirectoryInfo(Objects)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(f => $"{Path.GetRelativePath(Objects, f.FullName)} {f.Length}")
                .Where(f => !f.StartsWith(".store", StringComparison.Ordinal))
                .Order()
            : Enumerable.Empty<string>();
        var instances = 0;
        await foreach (var _ in Get<DurableTaskClient>().GetAllInstancesAsync())
        {
            instances++;
        }

        return $"{string.Join('\n', files)}\n{instances} orchestrations, {Emulator.Counts.CreatesReceived} creates";
    }

    /// <summary>All that the engine keeps: histories, inputs, results.</summary>
    public string EngineText() =>
        string.Concat(
            Directory
                .EnumerateFiles(_folder, "engine.db*")
                .Where(name => !name.EndsWith(".lock", StringComparison.Ordinal))
                .Select(name =>
                {
                    using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                    using var reader = new StreamReader(file, Encoding.Latin1);
                    return reader.ReadToEnd();
                })
        );

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await Emulator.DisposeAsync();
        await _httpServices.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        Assert.True(Logs.Count > 0, "Nothing was logged at all, so that nothing was searched for keys.");
        Assert.Empty(Logs.Leaks);
    }

    private async Task StartAsync(
        IEnumerable<(string Name, string Value)> settings,
        Func<IObjectStore, IObjectStore>? wrap,
        TimeProvider? time,
        Action<IServiceCollection>? add
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(Configuration(settings));
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs);
        builder
            .WebHost.UseKestrelCore()
            .UseUrls(
                builder.Configuration["Leyden:PublicBaseUrl"] is { } address && new Uri(address).IsLoopback
                    ? address
                    : "http://127.0.0.1:0"
            );
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddLeydenCore();
        builder.Services.AddLeydenApi();
        builder.Services.AddEachlabsBackend();
        builder.Services.AddObjectStore(builder.Configuration);
        Wrap(builder.Services, wrap);
        builder.Services.AddDurableTaskJson(LeydenJson.Options);
        builder.Services.AddSqliteDurableTask(
            _ => new SqliteOrchestrationOptions { Path = Path.Combine(_folder, "engine.db") },
            tasks => tasks.AddLeydenTasks()
        );
        add?.Invoke(builder.Services);
        _app = builder.Build();
        Map(_app);
        await _app.StartAsync(Stop);
        (Alice, Bob, Nobody) = (With(AliceKey), With(BobKey), With(null));
    }

    private Dictionary<string, string?> Configuration(IEnumerable<(string Name, string Value)> settings)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["Leyden:AllowLoopback"] = "true",
            ["Leyden:Storage:Folder"] = Objects,
            ["Leyden:Eachlabs:BaseUrl"] = Emulator.BaseUrl.ToString(),
            ["Leyden:Eachlabs:ApiKey"] = BackendKey,
            ["Leyden:Eachlabs:RequestsPerMinute"] = "100000",
            ["Leyden:Eachlabs:MaxConcurrent"] = "1000",
            ["Leyden:Keys:alice"] = HashOf(AliceKey),
            ["Leyden:Keys:bob"] = HashOf(BobKey),
        };
        foreach (var (name, value) in settings)
        {
            configuration[name] = value;
        }

        return configuration;
    }

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static void Wrap(IServiceCollection services, Func<IObjectStore, IObjectStore>? wrap)
    {
        var store = services.Single(s => s.ServiceType == typeof(IObjectStore));
        if (wrap is not null)
        {
            services.Remove(store);
            services.AddSingleton(provider => wrap((IObjectStore)store.ImplementationFactory!(provider)));
        }
    }

    private static void Map(WebApplication app)
    {
        var gate = app.Services.GetRequiredService<ApiGate>();
        var client = app.Services.GetRequiredService<DurableTaskClient>();
        foreach (var route in ApiRoutes.All)
        {
            app.MapMethods(
                route.Pattern,
                route.Methods,
                (RequestDelegate)(
                    async context => await (await gate.InvokeAsync(route, context, client)).ExecuteAsync(context)
                )
            );
        }
    }
}
