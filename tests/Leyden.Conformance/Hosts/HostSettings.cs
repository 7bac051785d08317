using System.Security.Cryptography;
using System.Text;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Conformance.Hosts;

/// <summary>How the hosts that the suite starts are set up: by environment variables, as anybody would.</summary>
internal static class HostSettings
{
    /// <summary>The caller of most tests.</summary>
    public const string AliceKey = "ley_the_key_of_alice";

    /// <summary>Another caller.</summary>
    public const string BobKey = "ley_the_key_of_bob";

    private const string BackendKey = "the-key-of-the-backend";

    /// <summary>A backend that is quick, and strict: of SDXL-Lightning it takes what Eachlabs documents, texts.</summary>
    public static EachlabsEmulatorOptions Emulator(BackendLimits limits) =>
        new()
        {
            ApiKey = BackendKey,
            // A fifth more than the host is told: on a busy machine requests take seconds, and may arrive closer together than they went.
            RequestsPerMinute = limits.RequestsPerMinute * 6 / 5,
            MaxConcurrent = limits.MaxConcurrent,
            QueueTime = TimeSpan.FromMilliseconds(10),
            RunTime = TimeSpan.FromMilliseconds(200),
            StringsOnly = true,
        };

    /// <summary>The variables of a host on such a backend.</summary>
    public static Dictionary<string, string> For(Uri emulator, BackendLimits limits) =>
        new()
        {
            ["Leyden__AllowLoopback"] = "true",
            ["Leyden__Keys__alice"] = HashOf(AliceKey),
            ["Leyden__Keys__bob"] = HashOf(BobKey),
            ["Leyden__Eachlabs__BaseUrl"] = emulator.AbsoluteUri,
            ["Leyden__Eachlabs__ApiKey"] = BackendKey,
            ["Leyden__Eachlabs__RequestsPerMinute"] = $"{limits.RequestsPerMinute}",
            ["Leyden__Eachlabs__MaxConcurrent"] = $"{limits.MaxConcurrent}",
            // The shortest there is, so that the end of a link can be waited for.
            ["Leyden__Predictions__OutputUrlLifetime"] = "00:01:00",
        };

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
