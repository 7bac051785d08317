using System.Security.Cryptography;
using Leyden.Emulators.Eachlabs;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests.Infrastructure;

/// <summary>The settings of an app of its own: its task hub and its container are shared with no other test.</summary>
internal static class HostSettings
{
    private const string TaskHub = "AzureFunctionsJobHost__extensions__durableTask__";

    public static Dictionary<string, string> Create(Azurite azurite, EachlabsEmulator emulator) =>
        Create(azurite.ConnectionString, emulator.BaseUrl);

    public static Dictionary<string, string> Create(string storage, Uri backend)
    {
        var name = RandomNumberGenerator.GetHexString(10, lowercase: true);
        return new()
        {
            ["AzureWebJobsStorage"] = storage,
            ["Leyden__Storage__Container"] = $"leyden-{name}",
            ["Leyden__Eachlabs__BaseUrl"] = backend.AbsoluteUri,
            ["Leyden__Eachlabs__ApiKey"] = "key",
            ["Leyden__Eachlabs__RequestsPerMinute"] = "100000",
            ["Leyden__Eachlabs__CreateTimeout"] = "00:00:05",
            ["Leyden__AllowLoopback"] = "true",
            [$"{TaskHub}hubName"] = $"hub{name}",
            // As host.json has it, a killed host's work is taken up again after a minute.
            [$"{TaskHub}storageProvider__maxQueuePollingInterval"] = "00:00:00.1",
            [$"{TaskHub}storageProvider__controlQueueVisibilityTimeout"] = "00:00:08",
            [$"{TaskHub}storageProvider__workItemQueueVisibilityTimeout"] = "00:00:08",
        };
    }
}
