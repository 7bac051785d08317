using Leyden.TestSupport;

namespace Leyden.Conformance.Hosts;

/// <summary>A host that runs already, wherever it is: the environment variables of the README say where.</summary>
public sealed class EnvironmentHost : Host
{
    private const string Prefix = "LEYDEN_CONFORMANCE_";

    public override string Name => Url("URL")?.Authority ?? "environment";

    /// <summary>Whether such a host is given.</summary>
    public static bool IsGiven => Url("URL") is not null;

    /// <summary>The URL by which a host elsewhere reaches this machine; null when it was not given.</summary>
    public static Uri? Receiver => Url("RECEIVER");

    public override Task<RunningHost?> StartAsync(
        BackendLimits limits,
        AzuriteFixture storage,
        CancellationToken cancellationToken
    )
    {
        var (url, emulator) = limits == BackendLimits.Tight ? ("TIGHT_URL", "TIGHT_EMULATOR") : ("URL", "EMULATOR");
        return Task.FromResult(
            Url(url) is { } address
                ? new RunningHost(new Target(address, Read("KEY"), Read("KEY2"), Url(emulator)))
                : null
        );
    }

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } value ? value : null;

    private static Uri? Url(string name) =>
        Read(name) is not { } text ? null
        : Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url)
        && url.Scheme.StartsWith("http", StringComparison.Ordinal)
            ? url
        : throw new InvalidOperationException($"{Prefix}{name} is '{text}'; it must be an http(s) address.");
}
