using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Leyden.Telemetry;
using Microsoft.Extensions.Options;

namespace Leyden.Backends;

/// <summary>The backends of this deployment, and which of them can run a prediction.</summary>
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

    /// <summary>Whether there is more than one backend that could run something.</summary>
    public bool HasChoice => _backends.Values.Count(b => b.IsConfigured) > 1;

    /// <summary>The names of the backends that could run something.</summary>
    public IReadOnlyList<string> Names => [.. Usable().Select(b => b.Name)];

    /// <summary>The backend with a name; null when this deployment has none of it.</summary>
    public IBackend? Find(string name) => _backends.GetValueOrDefault(name);

    /// <summary>The backends among which the program chooses for an input, the preferred first.</summary>
    public IReadOnlyList<IBackend> Candidates(string model, JsonObject input) =>
        [.. Usable().Where(b => b.FindUnsupported(model, input) is null)];

    /// <summary>Finds the backend that predictions have which ask for none.</summary>
    /// <param name="error">Why there is none.</param>
    public bool HasPreferred([NotNullWhen(false)] out InputError? error)
    {
        error = _preferred == RoutingOptions.Auto && _backends.Count > 0 ? null : FindByName(_preferred).Error;
        return error is null;
    }

    /// <summary>Finds where a new prediction may run.</summary>
    /// <param name="requested">The name that the caller asked for; null or <c>auto</c> leaves it to the configuration.</param>
    /// <param name="model">The model's slug.</param>
    /// <param name="input">The accepted input; null when it was not accepted, so that only the name is judged.</param>
    /// <param name="chosen">The backend: the one, or the first of several of which <see cref="BackendRouter"/> chooses later.</param>
    /// <param name="isOpen">Whether there are several.</param>
    /// <param name="error">What is wrong with the caller's wish.</param>
    public bool TryRoute(
        string? requested,
        string model,
        JsonObject? input,
        [NotNullWhen(true)] out IBackend? chosen,
        out bool isOpen,
        [NotNullWhen(false)] out InputError? error
    )
    {
        var name = requested is null or RoutingOptions.Auto ? _preferred : requested;
        isOpen = false;
        if (name != RoutingOptions.Auto)
        {
            (chosen, error) = FindByName(name);
            error ??= input is null ? null : chosen!.FindUnsupported(model, input);
            chosen = error is null ? chosen : null;
            return error is null;
        }

        var candidates = input is null ? Usable() : Candidates(model, input);
        chosen = candidates.Count > 0 ? candidates[0] : null;
        isOpen = candidates.Count > 1;
        error =
            chosen is not null ? null
            : input is not null && Usable() is [var first, ..] ? first.FindUnsupported(model, input)
            : Unknown(name);
        return error is null;
    }

    // In order of preference: what costs least by the run, then what is billed by the run; what only stands in, when there is no other.
    private List<IBackend> Usable()
    {
        var configured = Configured();
        var real = configured.Where(b => !b.StandsIn).ToList();
        return [.. (real.Count > 0 ? real : configured).OrderBy(b => b is ISynchronousBackend ? 0 : 1)];
    }

    // Where nothing is configured, the backends themselves say what they lack.
    private List<IBackend> Configured()
    {
        var configured = _backends.Values.Where(b => b.IsConfigured).ToList();
        return configured.Count > 0 ? configured : [.. _backends.Values];
    }

    private (IBackend? Backend, InputError? Error) FindByName(string name) =>
        Configured().FirstOrDefault(b => b.Name == name) is { } found ? (found, null) : (null, Unknown(name));

    private InputError Unknown(string name) =>
        InputError.NotAllowed(
            "backend",
            $"\"{InputError.Shorten(name)}\"",
            $"one of {string.Join(", ", Configured().Select(b => b.Name).Prepend(RoutingOptions.Auto))}"
        );

    private static IBackend Observed(IBackend backend, LeydenMetrics metrics) =>
        backend switch
        {
            IAsynchronousBackend asynchronous => new ObservedAsynchronousBackend(asynchronous, metrics),
            ISynchronousBackend synchronous => new ObservedSynchronousBackend(synchronous, metrics),
            _ => throw new InvalidOperationException($"{backend.GetType().Name} is a backend of no known kind."),
        };
}
