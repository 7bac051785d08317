using System.Runtime.InteropServices;
using Leyden.Emulators.Cog;
using Leyden.Emulators.Eachlabs;

const string usage = """
    Usage: Emulators eachlabs|cog [--urls http://127.0.0.1:PORT] [--SETTING VALUE]...

    eachlabs: settings are the properties of EachlabsEmulatorOptions: --RunTime 00:00:02 --RequestsPerMinute 60 --MaxConcurrent 10
    --ApiKey KEY --RunTimeJitter 0.2 --Output Array --RetryAfter Seconds --Webhook Execution ...
    Faults: markers such as [[fault:drop-after]] in a prompt, or PUT /emulator/faults ["drop-after"].
    A run time of its own: [[run-time:1500]] (milliseconds) in a prompt.
    cog: settings are the properties of CogEmulatorOptions: --SetupTime 00:02:00 --StartsCold true --RunTime 00:00:01 --Slots 1
    --State DEFUNCT --Audience api://leyden ... Faults: markers such as [[fault:busy*2]] in a prompt. POST /emulator/sleep makes it cold.
    With an audience it wants a token: start Leyden with IDENTITY_ENDPOINT=http://127.0.0.1:PORT/emulator/identity IDENTITY_HEADER=emulated.
    Counters: GET /emulator/counters. It ends on SIGINT and SIGTERM.
    """;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(usage);
    return 0;
}

if (args is not ["eachlabs" or "cog", .. var settings])
{
    await Console.Error.WriteLineAsync(usage);
    return 2;
}

var stop = new TaskCompletionSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args[0] == "cog")
    {
        await using var cog = await CogEmulator.StartAsync(Bind<CogEmulatorOptions>(settings), CancellationToken.None);
        Console.WriteLine($"Cog emulator on {cog.BaseUrl}");
        await stop.Task;
        return 0;
    }

    await using var eachlabs = await EachlabsEmulator.StartAsync(
        Bind<EachlabsEmulatorOptions>(settings),
        CancellationToken.None
    );
    Console.WriteLine($"Eachlabs emulator on {eachlabs.BaseUrl}");
    await stop.Task;
    return 0;
}
catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException or IOException)
{
    // A setting that is unknown or has no such value, or a port that is taken.
    await Console.Error.WriteLineAsync(fault.Message);
    return 2;
}

static T Bind<T>(string[] settings)
    where T : new()
{
    var options = new T();
    new ConfigurationBuilder()
        .AddCommandLine(settings, new Dictionary<string, string> { ["--urls"] = nameof(EachlabsEmulatorOptions.Url) })
        .Build()
        .Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
    return options;
}
