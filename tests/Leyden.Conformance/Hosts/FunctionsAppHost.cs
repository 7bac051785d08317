using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Leyden.TestSupport;

namespace Leyden.Conformance.Hosts;

/// <summary>
/// The Functions app in its test host, as a process of its own, with a task hub and a container of its own on Azurite.
/// </summary>
public sealed partial class FunctionsAppHost : Host
{
    private const string TaskHub = "AzureFunctionsJobHost__extensions__durableTask__";

    public override string Name => "Functions app";

    public override async Task<RunningHost?> StartAsync(
        BackendLimits limits,
        AzuriteFixture storage,
        CancellationToken cancellationToken
    )
    {
        var azurite = await storage.GetAsync(cancellationToken);
        var name = RandomNumberGenerator.GetHexString(10, lowercase: true);
        return await HostProcess.ServeAsync(
            Path.Combine(AppContext.BaseDirectory, "FunctionsHost.dll"),
            ["--urls", "http://127.0.0.1:0"],
            new Dictionary<string, string>
            {
                ["AzureWebJobsStorage"] = azurite.ConnectionString,
                ["Leyden__Storage__Container"] = $"leyden-{name}",
                [$"{TaskHub}hubName"] = $"hub{name}",
                [$"{TaskHub}storageProvider__maxQueuePollingInterval"] = "00:00:00.1",
            },
            limits,
            Address(),
            [],
            cancellationToken
        );
    }

    [GeneratedRegex(@"^FunctionsHost on (?<url>http://\S+)$")]
    private static partial Regex Address();
}
