using System.Text.RegularExpressions;
using Leyden.TestSupport;

namespace Leyden.Conformance.Hosts;

/// <summary><c>leyden serve</c> as a process of its own, with a data folder of its own.</summary>
public sealed partial class LocalHost : Host
{
    public override string Name => "local host";

    public override async Task<RunningHost?> StartAsync(
        BackendLimits limits,
        AzuriteFixture storage,
        CancellationToken cancellationToken
    )
    {
        var folder = new TemporaryFolder();
        return await HostProcess.ServeAsync(
            Path.Combine(AppContext.BaseDirectory, "leyden.dll"),
            ["serve", "--urls", "http://127.0.0.1:0", "--data", folder.Path],
            [],
            limits,
            Address(),
            [folder],
            cancellationToken
        );
    }

    [GeneratedRegex(@"^  address  (?<url>http://\S+)$")]
    private static partial Regex Address();
}
