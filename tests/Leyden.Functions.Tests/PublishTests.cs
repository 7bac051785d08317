using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Leyden.Functions.Tests;

/// <summary>What <c>dotnet publish</c> makes is, as a zip, what Azure takes.</summary>
public sealed class PublishTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private static readonly string[] Needed =
    [
        "host.json",
        "functions.metadata",
        "extensions.json",
        "worker.config.json",
        "Leyden.Functions.dll",
        "Leyden.Functions.deps.json",
        "Leyden.Functions.runtimeconfig.json",
        "Leyden.Api.dll",
        "Leyden.Core.dll",
        ".azurefunctions/function.deps.json",
        ".azurefunctions/Microsoft.Azure.WebJobs.Extensions.DurableTask.dll",
        ".azurefunctions/Microsoft.Azure.WebJobs.Extensions.FunctionMetadataLoader.dll",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("leyden-publish-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_published_app_is_a_zip_with_all_that_the_host_needs_and_no_secret()
    {
        var app = Path.Combine(_folder.FullName, "app");
        await PublishAsync(app);
        var zip = Path.Combine(_folder.FullName, "app.zip");
        await ZipFile.CreateFromDirectoryAsync(app, zip, Cancellation);

        await using var archive = await ZipFile.OpenReadAsync(zip, Cancellation);
        var names = archive.Entries.Select(e => e.FullName).ToHashSet();
        Assert.All(Needed, name => Assert.Contains(name, names));
        Assert.All(await HintsAsync(archive), name => Assert.Contains(name, names));
        Assert.DoesNotContain(names, name => name.Contains("local.settings", StringComparison.Ordinal));
        Assert.DoesNotContain("host.azuremanaged.json", names);

        // The host reads the trigger table of this very build.
        var published = await ReadAsync(archive, "functions.metadata");
        Assert.Equal(BuiltApp.Functions.Count, JsonNode.Parse(published)!.AsArray().Count);
        var runtime = JsonNode.Parse(await ReadAsync(archive, "Leyden.Functions.runtimeconfig.json"))!;
        Assert.Null(runtime["runtimeOptions"]!["includedFrameworks"]); // the framework is the machine's, as worker.config.json says
    }

    private static async Task PublishAsync(string target)
    {
        var project = Path.Combine(BuiltApp.Repository, "src", "Leyden.Functions");
        var start = new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", target])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var publish = Process.Start(start)!;
        try
        {
            var said = publish.StandardOutput.ReadToEndAsync(Cancellation);
            await publish.WaitForExitAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
            Assert.True(publish.ExitCode == 0, await said);
        }
        finally
        {
            if (!publish.HasExited)
            {
                publish.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<IEnumerable<string>> HintsAsync(ZipArchive archive)
    {
        var extensions = JsonNode.Parse(await ReadAsync(archive, "extensions.json"))!["extensions"]!.AsArray();
        return extensions.Select(e => ((string)e!["hintPath"]!)[2..]);
    }

    private static async Task<string> ReadAsync(ZipArchive archive, string name)
    {
        await using var content = await archive.GetEntry(name)!.OpenAsync(Cancellation);
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
