using System.ComponentModel.DataAnnotations;
using Leyden.ModelServer.Loading;
using Leyden.Net;
using Leyden.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>Settings: all of them are in docs/configuration.md, and wrong ones are named at the start.</summary>
public sealed class SettingsTests
{
    private static IEnumerable<SettingRow> OfTheServer =>
        ConfigurationPage.Settings.Where(s => s.Hosts.Contains('M', StringComparison.Ordinal));

    [Fact]
    public void Each_setting_has_a_row_with_its_default_and_each_row_a_setting()
    {
        var settings = ConfigurationPage
            .Of(typeof(ModelServerOptions), ModelServerOptions.Section)
            .Concat(ConfigurationPage.Of(typeof(ModelSourceOptions), ModelSourceOptions.Section))
            .Concat(ConfigurationPage.Of(typeof(NetworkOptions), NetworkOptions.Section))
            .ToList();

        Assert.Equal(settings.Select(s => s.Name).Order(), OfTheServer.Select(s => s.Name).Order());
        Assert.All(settings, s => ConfigurationPage.AssertDefault(s.Name, s.Default));
    }

    [Fact]
    public void Both_ends_of_each_range_are_taken_and_what_is_beyond_is_refused_by_name() =>
        ConfigurationPage.AssertRanges(
            OfTheServer,
            (setting, value) =>
            {
                var options = new ModelServerOptions();
                new ConfigurationBuilder()
                    .AddInMemoryCollection([new(setting, value)])
                    .Build()
                    .Bind(ModelServerOptions.Section, options);
                var problems = options.Validate(new ValidationContext(options)).Select(r => r.ErrorMessage);
                return string.Join(" ", problems) is { Length: > 0 } line ? line : null;
            }
        );

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
}
