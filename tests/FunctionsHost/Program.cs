using System.Collections;
using System.Globalization;
using Leyden;
using Leyden.FunctionsHost;

// The Functions app as one process that may be killed:
//
//   AzureWebJobsStorage=CONNECTION-STRING Leyden__Eachlabs__ApiKey=KEY dotnet FunctionsHost.dll --urls http://127.0.0.1:0
//
// prints "FunctionsHost on http://127.0.0.1:PORT" when it serves, and ends on SIGINT and SIGTERM. Its settings are environment variables,
// by the names that they have on Azure. Beside the app's own (Leyden__…), of use in tests:
//
//   AzureFunctionsJobHost__extensions__durableTask__hubName                                         a task hub of one's own
//   AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval        00:00:00.1
//   AzureFunctionsJobHost__extensions__durableTask__storageProvider__controlQueueVisibilityTimeout  00:00:05: a killed host's work
//   AzureFunctionsJobHost__extensions__durableTask__storageProvider__workItemQueueVisibilityTimeout 00:00:05  is taken up so soon
//   FunctionsHost__MessageLease                                                                     00:00:05  and its queue messages
//   FunctionsHost__TimerInterval                                                                    00:00:05: each timer fires so often
//
// A timer's function also runs on POST /admin/functions/NAME.
var environment = Environment
    .GetEnvironmentVariables()
    .Cast<DictionaryEntry>()
    .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
var options = new FunctionsHostOptions
{
    Url = args is ["--urls", var url] ? url : new FunctionsHostOptions().Url,
    Settings = environment,
    MessageLease = Span("FunctionsHost__MessageLease") ?? new FunctionsHostOptions().MessageLease,
    TimerInterval = Span("FunctionsHost__TimerInterval"),
};
try
{
    await using var host = await FunctionsTestHost.StartAsync(options, CancellationToken.None);
    Console.WriteLine($"FunctionsHost on {host.Url}");
    await host.WaitForShutdownAsync(CancellationToken.None);
    return 0;
}
catch (Exception e) when (SettingFaults.Explain(e) is { } reason)
{
    await Console.Error.WriteLineAsync($"Leyden does not start: {reason}");
    return 2;
}

TimeSpan? Span(string name) =>
    environment.TryGetValue(name, out var text) ? TimeSpan.Parse(text, CultureInfo.InvariantCulture) : null;
