using Leyden.Backends;
using Leyden.Backends.Eachlabs;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Local;

/// <summary>
/// Stands in while no backend is configured: the Eachlabs emulator in this process, whose pictures are drawn, not generated. It goes
/// by a name of its own, so that no record claims to come from the model and nothing is learned of run times that are not real.
/// </summary>
internal sealed class SampleBackend : IAsyncDisposable
{
    /// <summary>The backend's name in records.</summary>
    public const string Name = "sample";

    private readonly EachlabsEmulator _emulator;

    private SampleBackend(EachlabsEmulator emulator) => _emulator = emulator;

    /// <summary>Says what leads to real pictures.</summary>
    public const string HowToGetReal = "Set EACHLABS_API_KEY to get real pictures from Eachlabs.";

    /// <summary>Says what the pictures are, and how to get real ones.</summary>
    public const string Notice = "No backend is configured: pictures are samples, not from the model. " + HowToGetReal;

    /// <summary>Starts the emulator on a free port of this machine.</summary>
    public static async Task<SampleBackend> StartAsync(CancellationToken cancellationToken) =>
        new(
            await EachlabsEmulator.StartAsync(
                new EachlabsEmulatorOptions
                {
                    RequestsPerMinute = 0,
                    MaxConcurrent = 0,
                    QueueTime = TimeSpan.Zero,
                    RunTime = TimeSpan.FromSeconds(1),
                },
                cancellationToken
            )
        );

    /// <summary>The settings that lead to the emulator. Downloads from this machine are allowed for its sake only.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
        [
            new($"{EachlabsOptions.Section}:{nameof(EachlabsOptions.BaseUrl)}", _emulator.BaseUrl.AbsoluteUri),
            new($"{EachlabsOptions.Section}:{nameof(EachlabsOptions.ApiKey)}", Name),
            new("Leyden:AllowLoopback", "true"),
        ];

    /// <summary>Gives the registered backend the name of this one.</summary>
    public static void Rename(IServiceCollection services)
    {
        var registered = services.Last(s => s.ServiceType == typeof(IBackend));
        services.Remove(registered);
        services.AddSingleton<IBackend>(provider => new Renamed(
            (IAsynchronousBackend)(
                registered.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)
            )
        ));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _emulator.DisposeAsync();

    private sealed class Renamed(IAsynchronousBackend inner) : IAsynchronousBackend
    {
        public string Name => SampleBackend.Name;

        public bool CanReport => inner.CanReport;

        public BackendLimits Limits { get; } = inner.Limits with { RequestsPerMinute = null, MaxConcurrent = null };

        public Task<SubmitOutcome> SubmitAsync(BackendRequest request, CancellationToken cancellationToken) =>
            inner.SubmitAsync(request, cancellationToken);

        public async Task<ObserveOutcome> ObserveAsync(string backendId, CancellationToken cancellationToken) =>
            await inner.ObserveAsync(backendId, cancellationToken) switch
            {
                ObserveOutcome.Succeeded succeeded => succeeded with { Cost = null }, // nobody bills a drawing
                var outcome => outcome,
            };

        public Task<bool> CancelAsync(string backendId, CancellationToken cancellationToken) =>
            inner.CancelAsync(backendId, cancellationToken);
    }
}
