using System.CommandLine;
using Leyden.Predictions;

namespace Leyden.Local;

/// <summary>The options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json</c>; its presence is also looked for where the command line could not be read.</summary>
    public const string JsonName = "--json";

    public static Option<string?> Data() =>
        new("--data")
        {
            Description =
                $"The folder for records, pictures and the engine's database. Default: ${DataFolder.Variable}, "
                + "else .leyden in your local application data.",
            HelpName = "DIR",
        };

    public static Option<bool> Json() =>
        new(JsonName) { Description = "Print one JSON object as the last line of standard output, for programs." };

    public static Option<string> Owner() =>
        new("--owner")
        {
            Description = "Whose predictions: the name of a key; without keys everything is local's.",
            HelpName = "NAME",
            DefaultValueFactory = _ => Leyden.Predictions.Owner.Local.Name,
        };

    /// <summary>Reads the value of <see cref="Owner"/>.</summary>
    /// <exception cref="UsageException">It is no owner's name.</exception>
    public static Owner ReadOwner(string name) =>
        Leyden.Predictions.Owner.TryParse(name, out var owner)
            ? owner
            : throw new UsageException([
                InputError.NotAllowed("--owner", name, "1 to 32 letters, digits and hyphens, no hyphen first"),
            ]);
}
