using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Leyden.Emulators.Eachlabs;

/// <summary>
/// Decides when a fault happens. A marker in the prompt concerns the predictions of that prompt:
/// <c>[[fault:get-server-error]]</c> always, <c>[[fault:get-server-error*2]]</c> the first two times (counted by prompt).
/// Markers work with any client, across processes and under concurrency. Faults that are switched on here concern every request.
/// </summary>
public sealed partial class EachlabsFaults
{
    private const int MaxCounted = 10_000;
    private static readonly Dictionary<string, EachlabsFault> ByName = Enum.GetValues<EachlabsFault>()
        .ToDictionary(NameOf, StringComparer.Ordinal);

    private readonly ConcurrentDictionary<EachlabsFault, bool> _everywhere = new();
    private readonly Dictionary<(string Prompt, EachlabsFault Fault), int> _used = [];
    private readonly Lock _gate = new();

    /// <summary>The faults that concern every request.</summary>
    public IReadOnlyCollection<EachlabsFault> Everywhere => [.. _everywhere.Keys];

    /// <summary>The kebab-case name.</summary>
    public static string NameOf(EachlabsFault fault) => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());

    /// <summary>The marker to put into a prompt.</summary>
    /// <param name="fault">What shall go wrong.</param>
    /// <param name="times">How often, counted by prompt; null for always.</param>
    public static string Marker(EachlabsFault fault, int? times = null) =>
        times is null ? $"[[fault:{NameOf(fault)}]]" : $"[[fault:{NameOf(fault)}*{times}]]";

    /// <summary>Replaces the set of faults that concern every request.</summary>
    public void SetEverywhere(params IEnumerable<EachlabsFault> faults)
    {
        _everywhere.Clear();
        foreach (var fault in faults)
        {
            _everywhere[fault] = true;
        }
    }

    internal static bool TryParse(string name, out EachlabsFault fault) => ByName.TryGetValue(name, out fault);

    /// <summary>Finds a marker that names no fault, so that a misspelt one does not pass as a test of nothing.</summary>
    internal static bool TryFindUnknown(string prompt, [NotNullWhen(true)] out string? name)
    {
        name = Markers()
            .Matches(prompt)
            .Select(marker => marker.Groups["name"].Value)
            .FirstOrDefault(n => !ByName.ContainsKey(n));
        return name is not null;
    }

    /// <summary>Whether the fault happens now; takes one of its times when they are counted.</summary>
    internal bool Happens(EachlabsFault fault, string prompt)
    {
        if (_everywhere.ContainsKey(fault))
        {
            return true;
        }

        foreach (Match marker in Markers().Matches(prompt))
        {
            if (TryParse(marker.Groups["name"].Value, out var named) && named == fault)
            {
                return marker.Groups["times"] is not { Success: true } times
                    || TakeOne(prompt, fault, int.Parse(times.Value));
            }
        }

        return false;
    }

    private bool TakeOne(string prompt, EachlabsFault fault, int times)
    {
        lock (_gate)
        {
            var used = _used.GetValueOrDefault((prompt, fault));
            if (used >= times || (used == 0 && _used.Count >= MaxCounted))
            {
                return false;
            }

            _used[(prompt, fault)] = used + 1;
            return true;
        }
    }

    [GeneratedRegex(@"\[\[fault:(?<name>[a-z0-9-]+)(\*(?<times>[0-9]{1,6}))?\]\]", RegexOptions.CultureInvariant)]
    private static partial Regex Markers();
}
