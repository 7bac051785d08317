using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Leyden.Infra.Tests;

/// <summary>The Bicep files build without a word: what is a fault for Azure is often only a warning for the compiler.</summary>
public sealed partial class BuildTests
{
    [Fact]
    public async Task Every_file_builds_without_a_warning()
    {
        var template = await BuildAsync("main.bicep");
        var used = ModulesOf(template).Select(m => m.Path).Append("modules/roles.bicep").Append("modules/types.bicep");

        Assert.Equal(
            Directory
                .EnumerateFiles(Path.Combine(Repository.Infra, "modules"), "*.bicep")
                .Select(f => $"modules/{Path.GetFileName(f)}")
                .Order(),
            used.Distinct().Order()
        );
    }

    [Fact]
    public async Task A_wrong_property_is_a_failure_here()
    {
        var said = await WriteAndBuildAsync(
            "resource a 'Microsoft.Storage/storageAccounts@2025-01-01' existing = { name: 'abc', nme: 'abc' }"
        );

        Assert.Contains("BCP", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_is_formatted()
    {
        var folder = Bicep.CopyInfra();
        try
        {
            var said = await Bicep.RunAsync(folder.FullName, [], "format", "--pattern", "**/*.bicep");
            Assert.True(said.Code == 0, said.Errors);
            Assert.All(
                Directory.EnumerateFiles(Repository.Infra, "*.bicep", SearchOption.AllDirectories),
                file =>
                    Assert.Equal(
                        File.ReadAllText(Path.Combine(folder.FullName, Path.GetRelativePath(Repository.Infra, file))),
                        File.ReadAllText(file)
                    )
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Every_output_of_a_module_is_used()
    {
        var template = await BuildAsync("main.bicep");
        var text = template.ToJsonString(
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
        var outputs = template["resources"]!
            .AsObject()
            .SelectMany(r =>
                (r.Value!["properties"]?["template"]?["outputs"]?.AsObject() ?? []).Select(o =>
                    (Module: r.Key, Output: o.Key)
                )
            )
            .ToList();
        var unused = outputs
            .GroupBy(o => (Path: PathOf(template, o.Module), o.Output))
            .Where(same =>
                !same.Any(o => text.Contains($"reference('{o.Module}').outputs.{o.Output}.", StringComparison.Ordinal))
            )
            .Select(same => same.Key);

        Assert.NotEmpty(outputs);
        Assert.Empty(unused);
    }

    [Fact]
    public void Every_parameter_has_a_description_and_no_module_is_fetched() =>
        Assert.All(
            Directory.EnumerateFiles(Repository.Infra, "*.bicep", SearchOption.AllDirectories),
            file =>
            {
                var text = File.ReadAllText(file);
                Assert.DoesNotContain("'br:", text, StringComparison.Ordinal);
                Assert.DoesNotContain("'br/", text, StringComparison.Ordinal);
                Assert.DoesNotContain("'ts:", text, StringComparison.Ordinal);
                var declared = Declaration().Count(text);
                Assert.Equal(declared, Described().Count(text));
            }
        );

    private static async Task<JsonObject> BuildAsync(string file)
    {
        var said = await Bicep.RunAsync(Repository.Infra, [], "build", file, "--no-restore", "--stdout");
        Assert.True(said is { Code: 0, Errors: "" }, said.Errors);
        return JsonNode.Parse(said.Output)!.AsObject();
    }

    private static async Task<CommandResult> WriteAndBuildAsync(string text)
    {
        var folder = Bicep.CopyInfra();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "wrong.bicep"), text);
            return await Bicep.RunAsync(folder.FullName, [], "build", "wrong.bicep", "--no-restore", "--stdout");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<(string Symbol, string Path)> ModulesOf(JsonObject template)
    {
        var main = File.ReadAllText(Path.Combine(Repository.Infra, "main.bicep"));
        return template["resources"]!
            .AsObject()
            .Where(r => (string?)r.Value!["type"] == "Microsoft.Resources/deployments")
            .Select(r =>
                (r.Key, Regex.Match(main, $@"^module {r.Key} '([^']+)'", RegexOptions.Multiline).Groups[1].Value)
            );
    }

    private static string PathOf(JsonObject template, string module) =>
        ModulesOf(template).Single(m => m.Symbol == module).Path;

    [GeneratedRegex("^(param|output) ", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^@description\('[^\n]+'\)\n(@[^\n]+\n)*(param|output) ", RegexOptions.Multiline)]
    private static partial Regex Described();
}
