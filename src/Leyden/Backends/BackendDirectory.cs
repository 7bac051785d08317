using System.Diagnostics.CodeAnalysis;
using Leyden.Predictions;
using Leyden.Telemetry;
using Microsoft.Extensions.Options;

namespace Leyden.Backends;

/// <summary>The backends of this deployment, and which of them runs a prediction.</summary>
public sealed class BackendDirectory
{
    private readonly Dictionary<string, IBackend> _backends;
    private readonly string _preferred;

    /// <summary>Collects the registered backends.</summary>
    public BackendDirectory(IEnumerable<IBackend> backends, IOptions<RoutingOptions> options, LeydenMetrics metrics)
    {
        _backends = backends.ToDictionary(b => b.Name, b => Observed(b, metrics), StringComparer.Ordinal);
        _preferred = options.Value.Backend;
    }

    /// <summary>The backend with a name; null when this deployment has none of it.</summary>
    public IBackend? Find(string name) => _backends.GetValueOrDefault(name);

    /// <summary>Chooses the backend for a new prediction.</summary>
    /// <param name="requested">The name that the caller asked for; null or <c>auto</c> leaves it to the configuration.</param>
    /// <param name="chosen">The backend.</param>
    /// <param name="error">What is wrong with the caller's wish.</param>
    public bool TryRoute(
        string? requested,
        [NotNullWhen(true)] out IBackend? chosen,
        [NotNullWhen(false)] out InputError? error
    )
    {
        var name = requested is null or RoutingOptions.Auto ? _preferred : requested;
        chosen = name == RoutingOptions.Auto ? _backends.Values.FirstOrDefault() : Find(name);
        var known = string.Join(", ", _backends.Keys.Prepend(RoutingOptions.Auto));
        error = chosen is null
            ? InputError.NotAllowed("backend", $"\"{InputError.Shorten(name)}\"", $"one of {known}")
            : null;
        return chosen is not null;
    }

    private static IBackend Observed(IBackend backend, LeydenMetrics metrics) =>
        backend switch
        {
            IAsynchronousBackend asynchronous => new ObservedAsynchronousBackend(asynchronous, metrics),
            ISynchronousBackend synchronous => new ObservedSynchronousBackend(synchronous, metrics),
            _ => throw new InvalidOperationException($"{backend.GetType().Name} is a backend of no known kind."),
        };
}
