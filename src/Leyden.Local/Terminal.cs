using Spectre.Console;

namespace Leyden.Local;

/// <summary>
/// The two streams that people and programs read: results go to standard output, everything else to standard error. On a terminal
/// both may be styled; elsewhere they are plain lines of any length.
/// </summary>
internal sealed class Terminal
{
    private const int Unlimited = 100_000;
    private readonly TextWriter _out = Console.Out;

    /// <summary>Opens the process's own streams.</summary>
    public Terminal()
    {
        Out = Create(Console.Out, Console.IsOutputRedirected);
        Error = Create(Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>Standard output.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Whether results are read by a person.</summary>
    public bool HasReader { get; } = !Console.IsOutputRedirected;

    /// <summary>Whether progress may be drawn and redrawn in place.</summary>
    public bool IsLive => !Console.IsErrorRedirected && Error.Profile.Capabilities.Ansi;

    /// <summary>Writes a line of results to standard output as it is: never broken, so that it can be copied or parsed.</summary>
    public void Print(string line) => _out.WriteLine(line);

    /// <summary>Writes a line to standard error, also above a live display.</summary>
    public void Say(string line)
    {
        if (IsLive)
        {
            // A live display moves the cursor to its start without clearing what it drew there: blanks have to.
            Error.Write(new Padder(new Text(line), new Padding(0, 0, 0, 0)).Expand());
        }
        else
        {
            Error.WriteLine(line);
        }
    }

    /// <summary>Shows the cursor again, which a live display may have hidden.</summary>
    public void RestoreCursor()
    {
        if (IsLive)
        {
            Error.Cursor.Show();
        }
    }

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
                ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
                Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
            }
        );
        if (isRedirected)
        {
            console.Profile.Width = Unlimited;
        }

        return console;
    }
}
