using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Leyden.Diffusion;
using Leyden.ModelServer.Hosting;
using Leyden.ModelServer.Loading;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Leyden.ModelServer.Tests;

/// <summary>The server on a free port of this machine, with a model that a test holds in its hand.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ServiceProvider Clients = new ServiceCollection().AddHttpClient().BuildServiceProvider();
    private readonly WebApplication _app;

    private TestServer(WebApplication app, DrawingModel model, TestLoader loader)
    {
        (_app, Model, Loader) = (app, model, loader);
        Http = CreateClient(new Uri(app.Urls.Single()));
    }

    public HttpClient Http { get; }

    public DrawingModel Model { get; }

    public TestLoader Loader { get; }

    public IServiceProvider Services => _app.Services;

    public RecordedLogs Logs { get; private init; } = new();

    public Task Ended => _app.WaitForShutdownAsync(CancellationToken.None);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts it, and waits until the model is loaded unless the loader is held.</summary>
    public static async Task<TestServer> StartAsync(
        DrawingModel? model = null,
        TestLoader? loader = null,
        TimeProvider? time = null,
        params (string Name, object Value)[] settings
    )
    {
        model ??= new DrawingModel();
        loader ??= new TestLoader();
        loader.Model = model;
        var logs = new RecordedLogs();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Leyden:Model:Path", "/nowhere"), new("Leyden:AllowLoopback", "true")])
            .AddInMemoryCollection(
                settings.Select(s =>
                    KeyValuePair.Create(s.Name, Convert.ToString(s.Value, CultureInfo.InvariantCulture))
                )
            );
        var app = ServerApp.Create(
            configuration.Build(),
            ["http://127.0.0.1:0"],
            services =>
            {
                services.AddSingleton<IModelLoader>(loader);
                services.AddSingleton(time ?? TimeProvider.System);
                services.AddLogging(logging => logging.ClearProviders().AddProvider(logs));
            }
        );
        await app.StartAsync(Cancellation);
        var server = new TestServer(app, model, loader) { Logs = logs };
        if (!loader.IsHeld)
        {
            await EventuallyAsync(async () => await server.HealthAsync() != "STARTING");
        }

        return server;
    }

    public static HttpClient CreateClient(Uri address)
    {
        var client = Clients.GetRequiredService<IHttpClientFactory>().CreateClient();
        (client.BaseAddress, client.Timeout) = (address, Patience);
        return client;
    }

    /// <summary>A valid input that is quick to draw.</summary>
    public static Dictionary<string, object?> Input(params (string Name, object? Value)[] changes)
    {
        var input = new Dictionary<string, object?>
        {
            ["prompt"] = "a red circle",
            ["width"] = 256,
            ["height"] = 256,
            ["seed"] = 7,
        };
        foreach (var (name, value) in changes)
        {
            input[name] = value;
        }

        return input;
    }

    public async Task<string> HealthAsync() => (await GetAsync("/health-check")).Text("status");

    public async Task<Answer> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path, Cancellation));

    public async Task<Answer> PostAsync(
        string path,
        object? body = null,
        params (string Name, string Value)[] headers
    ) => await SendAsync(HttpMethod.Post, path, body, headers);

    public async Task<Answer> PutAsync(
        string path,
        object? body = null,
        params (string Name, string Value)[] headers
    ) => await SendAsync(HttpMethod.Put, path, body, headers);

    /// <summary>Starts a prediction without waiting for it.</summary>
    public Task<Answer> StartAsync(string id, params (string Name, object? Value)[] changes) =>
        PutAsync($"/predictions/{id}", new { input = Input(changes) }, ("Prefer", "respond-async"));

    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        object? body,
        (string Name, string Value)[] headers,
        CancellationToken cancellationToken = default
    )
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : body as HttpContent ?? JsonContent.Create(body);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Cancellation);
        return await ReadAsync(await Http.SendAsync(request, either.Token));
    }

    /// <summary>Waits until the status of a prediction is as wanted.</summary>
    public Task UntilAsync(string id, string status) =>
        EventuallyAsync(async () => (await GetAsync($"/predictions/{id}")).TextOrNull("status") == status);

    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        timeout.CancelAfter(Patience);
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, timeout.Token);
        }
    }

    public static Task EventuallyAsync(Func<bool> holds) => EventuallyAsync(() => Task.FromResult(holds()));

    public Task StopAsync() => _app.StopAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Model.IsHeld = false;
        Model.Step(100_000);
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            return new Answer(
                (int)response.StatusCode,
                text.Length == 0 ? default : JsonDocument.Parse(text).RootElement,
                response.Headers.ToDictionary(h => h.Key, h => string.Join(",", h.Value))
            );
        }
    }
}

/// <summary>An answer of the server.</summary>
internal sealed record Answer(int Status, JsonElement Json, IReadOnlyDictionary<string, string> Headers)
{
    public string Text(string name) => Json.GetProperty(name).GetString()!;

    public string? TextOrNull(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;

    public bool Has(string name) => Json.TryGetProperty(name, out _);

    /// <summary>The pictures of the output.</summary>
    public IReadOnlyList<byte[]> Pictures =>
        [
            .. Json.GetProperty("output")
                .EnumerateArray()
                .Select(url => Convert.FromBase64String(url.GetString()!["data:image/png;base64,".Length..])),
        ];
}

/// <summary>Brings the test's model, when and how the test wants.</summary>
internal sealed class TestLoader : IModelLoader
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DrawingModel Model { get; set; } = new();

    public bool IsHeld { get; init; }

    public Exception? Fault { get; init; }

    public void Release() => _release.TrySetResult();

    public async Task<ITextToImage> LoadAsync(SetupLog log, CancellationToken cancellationToken)
    {
        log.Say("Loading the drawing model");
        if (IsHeld)
        {
            await _release.Task.WaitAsync(cancellationToken);
        }

        return Fault is null ? Model : throw Fault;
    }
}
