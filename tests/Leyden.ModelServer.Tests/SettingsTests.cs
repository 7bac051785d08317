using System.Reflection;
using System.Runtime.CompilerServices;
using Leyden.ModelServer.Loading;
using Microsoft.Extensions.Options;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Settings: all of them are in the README, and wrong ones are named at the start.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData(typeof(ModelServerOptions), ModelServerOptions.Section)]
    [InlineData(typeof(ModelSourceOptions), ModelSourceOptions.Section)]
    public void Every_setting_is_in_the_readme(Type options, string section)
    {
        var readme = File.ReadAllText(Path.Combine(Repository(), "README.md"));
        var settings = options
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite)
            .Select(p => $"`{section}:{p.Name}`".Replace(":", "__", StringComparison.Ordinal));

        Assert.All(settings, setting => Assert.Contains(setting, readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Leyden:Model:Path", "", "Leyden:Model:Path is not set")]
    [InlineData("Leyden:Model:Sha256", "abc", "Leyden:Model:Sha256 must be 64 hex digits")]
    [InlineData("Leyden:Model:BlobPrefix", "models/sdxl", "Leyden:Model:BlobPrefix must be an address")]
    [InlineData("Leyden:Model:BlobPrefix", "https://a.blob.core.windows.net/c/p?sig=secret", "without a query")]
    [InlineData("Leyden:ModelServer:Slots", "0", "Leyden:ModelServer:Slots is 0; it must be from 1 to 16.")]
    [InlineData("Leyden:ModelServer:QueueLength", "-1", "Leyden:ModelServer:QueueLength is -1")]
    [InlineData("Leyden:ModelServer:QueueLength", "many", "Leyden:ModelServer:QueueLength")]
    [InlineData("Leyden:ModelServer:BatchSize", "17", "Leyden:ModelServer:BatchSize is 17")]
    [InlineData("Leyden:ModelServer:ExecutionProvider", "rocm", "Leyden:ModelServer:ExecutionProvider")]
    [InlineData("Leyden:ModelServer:StallTime", "00:00:00", "Leyden:ModelServer:StallTime is 00:00:00")]
    [InlineData("Leyden:ModelServer:RecentBytes", "-1", "Leyden:ModelServer:RecentBytes is -1")]
    [InlineData("Leyden:ModelServer:WebhookToken", "secret", "Leyden:AllowedHosts names no host")]
    [InlineData("WEBHOOK_AUTH_TOKEN", "secret", "Leyden:AllowedHosts names no host")]
    public async Task A_wrong_setting_is_named_at_the_start(string name, string value, string words)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = await StartAsync(settings: [(name, value)]);
        });

        var explanation = SettingFaults.Explain(fault);
        Assert.Contains(words, explanation, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_bound()
    {
        await using var server = await StartAsync(
            settings:
            [
                ("Leyden:ModelServer:ExecutionProvider", "cuda"),
                ("Leyden:ModelServer:Device", "1"),
                ("Leyden:ModelServer:WebhookToken", "t"),
                ("Leyden:AllowedHosts", "leyden.internal"),
            ]
        );

        var options = (IOptions<ModelServerOptions>)server.Services.GetService(typeof(IOptions<ModelServerOptions>))!;
        Assert.Equal(Diffusion.ExecutionProvider.Cuda, options.Value.ExecutionProvider);
        Assert.Equal(1, options.Value.Device);
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..");
}
