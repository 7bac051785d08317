using System.CommandLine;
using Leyden.Api.Access;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Keys;

/// <summary><c>leyden keys</c>: makes keys for callers. Nothing is stored: the configuration holds hashes, callers hold keys.</summary>
internal static class KeysCommand
{
    public static Command Create(Terminal terminal) =>
        new("keys", "Make keys for callers of a server.") { CreateNew(terminal) };

    private static Command CreateNew(Terminal terminal)
    {
        var name = new Argument<string>("name")
        {
            Description =
                "Whose key: 1 to 32 letters, digits and hyphens. Predictions made with the key are this name's.",
        };
        var command = new Command("new", "Make a key: print it once, with the setting that admits it.") { name };
        command.SetAction(parsed => New(parsed.GetValue(name)!, terminal));
        return command;
    }

    private static int New(string name, Terminal terminal)
    {
        if (!Owner.TryParse(name, out var owner))
        {
            throw new UsageException([
                InputError.NotAllowed("name", name, "1 to 32 letters, digits and hyphens, no hyphen first"),
            ]);
        }

        var made = KeyGenerator.New();
        terminal.Error.WriteLine("The key, for the caller; it is not shown again:");
        terminal.Print(made.Key);
        terminal.Error.WriteLine("The setting, for the server's environment:");
        terminal.Print($"Leyden__Keys__{owner}={made.Hash}");
        return ExitCodes.Ok;
    }
}
