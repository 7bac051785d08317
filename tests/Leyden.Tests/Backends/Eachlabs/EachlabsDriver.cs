using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Backends.Eachlabs;
using Leyden.Emulators.Eachlabs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Leyden.Tests.Backends.Eachlabs;

/// <summary>The backend as a host registers it, against an address.</summary>
internal sealed class EachlabsDriver : IAsyncDisposable
{
    public const string Key = "key-that-nobody-may-see";

    private readonly ServiceProvider _services;

    /// <param name="baseUrl">Where it sends its requests.</param>
    /// <param name="settings">Of section <c>Leyden:Eachlabs</c>.</param>
    public EachlabsDriver(Uri baseUrl, params IEnumerable<(string Name, string Value)> settings)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["Leyden:Eachlabs:BaseUrl"] = baseUrl.ToString(),
            ["Leyden:Eachlabs:ApiKey"] = Key,
        };
        foreach (var (name, value) in settings)
        {
            configuration[$"Leyden:Eachlabs:{name}"] = value;
        }

        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build())
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs))
            .AddEachlabsBackend()
            .BuildServiceProvider();
        Backend = (IAsynchronousBackend)_services.GetRequiredService<IBackend>();
    }

    public IAsynchronousBackend Backend { get; }

    /// <summary>Everything that was logged, by us and by the HTTP client.</summary>
    public RecordedLogs Logs { get; } = new();

    public static BackendRequest Request(string prompt, int outputs = 1) =>
        new(
            "sdxl-lightning-4step",
            "0.0.1",
            new JsonObject
            {
                ["prompt"] = prompt,
                ["width"] = 256,
                ["height"] = 256,
                ["num_outputs"] = outputs,
                ["guidance_scale"] = 0.5,
                ["num_inference_steps"] = 4,
                ["scheduler"] = "K_EULER",
                ["seed"] = 4294967295,
                ["disable_safety_checker"] = true,
            }
        );

    public static BackendRequest Request(EachlabsFault fault, int? times = null, int outputs = 1) =>
        Request($"a test {EachlabsFaults.Marker(fault, times)}", outputs);

    /// <summary>Submits and expects to be accepted.</summary>
    public async Task<string> AcceptAsync(BackendRequest request) =>
        Assert
            .IsType<SubmitOutcome.Accepted>(await Backend.SubmitAsync(request, TestContext.Current.CancellationToken))
            .BackendId;

    /// <summary>Observes until the outcome is of one kind.</summary>
    public async Task<T> ObserveUntilAsync<T>(string id)
        where T : ObserveOutcome
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await Backend.ObserveAsync(id, patience.Token) is T outcome)
            {
                return outcome;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
