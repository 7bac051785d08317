using System.Diagnostics.CodeAnalysis;

namespace Leyden.Diffusion;

/// <summary>The names of the schedulers as the published model has them.</summary>
public static class SchedulerNames
{
    private static readonly (SchedulerKind Kind, string Name)[] _names =
    [
        (SchedulerKind.Ddim, "DDIM"),
        (SchedulerKind.DpmSolverMultistep, "DPMSolverMultistep"),
        (SchedulerKind.HeunDiscrete, "HeunDiscrete"),
        (SchedulerKind.KarrasDpm, "KarrasDPM"),
        (SchedulerKind.KEulerAncestral, "K_EULER_ANCESTRAL"),
        (SchedulerKind.KEuler, "K_EULER"),
        (SchedulerKind.Pndm, "PNDM"),
        (SchedulerKind.DpmPlusPlus2MSde, "DPM++2MSDE"),
    ];

    /// <summary>All names, in the order of the published model's input schema.</summary>
    public static IReadOnlyList<string> All { get; } = [.. _names.Select(entry => entry.Name)];

    /// <summary>The name of a scheduler.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration.</exception>
    public static string NameOf(SchedulerKind kind) =>
        Array.Find(_names, entry => entry.Kind == kind).Name
        ?? throw new ArgumentOutOfRangeException(nameof(kind), kind, "This is no scheduler.");

    /// <summary>The scheduler of a name; letter case counts.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out SchedulerKind kind)
    {
        var index = Array.FindIndex(_names, entry => entry.Name == name);
        kind = index < 0 ? default : _names[index].Kind;
        return index >= 0;
    }

    /// <summary>The scheduler of a name; letter case counts.</summary>
    /// <exception cref="ArgumentException">No scheduler has this name; the message lists those that there are.</exception>
    public static SchedulerKind Parse(string name) =>
        TryParse(name, out var kind)
            ? kind
            : throw new ArgumentException($"'{name}' is no scheduler: {string.Join(", ", All)}.", nameof(name));
}
