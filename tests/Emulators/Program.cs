using System.Runtime.InteropServices;
using Leyden.Emulators.Eachlabs;

const string usage = """
    Usage: Emulators eachlabs [--urls http://127.0.0.1:PORT] [--SETTING VALUE]...

    Settings are the properties of EachlabsEmulatorOptions: --RunTime 00:00:02 --RequestsPerMinute 60 --MaxConcurrent 10
    --ApiKey KEY --RunTimeJitter 0.2 --Output Array --RetryAfter Seconds --Webhook Execution ...
    Faults: markers such as [[fault:drop-after]] in a prompt, or PUT /emulator/faults ["drop-after"]. Counters: GET /emulator/counters
    """;

if (args is not ["eachlabs", .. var settings])
{
    await Console.Error.WriteLineAsync(usage);
    return 2;
}

var options = new EachlabsEmulatorOptions();
var configuration = new ConfigurationBuilder()
    .AddCommandLine(settings, new Dictionary<string, string> { ["--urls"] = nameof(EachlabsEmulatorOptions.Url) })
    .Build();
configuration.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);

var stop = new TaskCompletionSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await using var emulator = await EachlabsEmulator.StartAsync(options, CancellationToken.None);
Console.WriteLine($"Eachlabs emulator on {emulator.BaseUrl}");
await stop.Task;
return 0;
