namespace Leyden.Local;

/// <summary>What the process tells its caller when it ends. Listed in <c>leyden --help</c>.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for was done.</summary>
    public const int Ok = 0;

    /// <summary>A prediction failed, something asked for does not exist, or a fault of this program.</summary>
    public const int Failed = 1;

    /// <summary>The command line or an input is wrong; nothing was done.</summary>
    public const int Invalid = 2;

    /// <summary>A setting is wrong, the data folder is taken, or the address is not free; nothing was done.</summary>
    public const int Configuration = 3;

    /// <summary>Stopped by Ctrl+C or a termination signal before all predictions had succeeded (128 + SIGINT).</summary>
    public const int Canceled = 130;

    /// <summary>The paragraph for <c>--help</c>.</summary>
    public const string Help =
        "Exit codes: 0 done, 1 failed, 2 wrong command line or input, 3 wrong configuration, 130 canceled.";
}
