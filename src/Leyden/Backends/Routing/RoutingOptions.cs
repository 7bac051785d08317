using System.ComponentModel.DataAnnotations;

namespace Leyden.Backends;

/// <summary>Where predictions run. Configuration section <c>Leyden</c>.</summary>
public sealed class RoutingOptions
{
    /// <summary>The name that leaves the choice to the program.</summary>
    public const string Auto = "auto";

    /// <summary>
    /// The backend of predictions that do not ask for one: <c>auto</c> (the default: the first that is configured),
    /// <c>eachlabs</c>, <c>container</c> or <c>built-in</c>.
    /// </summary>
    [RegularExpression(
        "auto|eachlabs|container|built-in",
        ErrorMessage = "Leyden:Backend must be auto, eachlabs, container or built-in."
    )]
    public string Backend { get; set; } = Auto;
}
