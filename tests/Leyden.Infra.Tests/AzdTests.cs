using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using YamlDotNet.Serialization;

namespace Leyden.Infra.Tests;

/// <summary><c>azure.yaml</c>, and the environment that azd hands to Bicep.</summary>
public sealed partial class AzdTests
{
    private static readonly JsonNode Project = Read();

    [Fact]
    public void The_project_file_has_the_form_that_azd_asks_for() =>
        Validate(Path.Combine(Repository.Root, "tests", "Leyden.Infra.Tests", "azure.yaml.schema.json"));

    [Fact]
    public void The_project_file_is_valid_against_the_published_schema()
    {
        var schema = Environment.GetEnvironmentVariable("LEYDEN_AZD_SCHEMA");
        Assert.SkipWhen(
            string.IsNullOrEmpty(schema),
            "LEYDEN_AZD_SCHEMA does not name a copy of schemas/v1.0/azure.yaml.json of github.com/Azure/azure-dev"
        );

        Validate(schema!);
    }

    [Fact]
    public void What_the_project_file_names_is_there()
    {
        var infra = Project["infra"]!;
        var hooks = Project["hooks"]!["preprovision"]!.AsObject().Select(h => (string)h.Value!["run"]!);

        Assert.True(
            File.Exists(Path.Combine(Repository.Root, (string)infra["path"]!, $"{infra["module"]}.bicepparam"))
        );
        Assert.Equal(["api"], Project["services"]!.AsObject().Select(s => s.Key));
        Assert.All(
            Project["services"]!.AsObject(),
            s =>
                Assert.Single(
                    Directory.EnumerateFiles(Path.Combine(Repository.Root, (string)s.Value!["project"]!), "*.csproj")
                )
        );
        Assert.All(hooks, hook => Assert.True(File.Exists(Path.Combine(Repository.Root, hook)), hook));
    }

    [Fact]
    public void Every_variable_is_used_by_a_variant()
    {
        var parameters = File.ReadAllText(Path.Combine(Repository.Infra, "main.bicepparam"));
        var read = Variable().Matches(parameters).Select(m => m.Groups[1].Value).ToHashSet();
        var used = Variant
            .Names.SelectMany(v => Variant.Environment(v).Keys)
            .Concat(["AZURE_ENV_NAME", "AZURE_LOCATION"]);

        Assert.Equal(read.Order(), used.Distinct().Order());
    }

    private static void Validate(string file)
    {
        // Schemas of extensions of azd, which are elsewhere, say nothing about us.
        var registry = new SchemaRegistry { Fetch = (_, _) => JsonSchema.True };
        var schema = JsonSchema.FromText(File.ReadAllText(file), new BuildOptions { SchemaRegistry = registry });

        var result = schema.Evaluate(
            JsonSerializer.SerializeToElement(Project),
            new EvaluationOptions { OutputFormat = OutputFormat.List }
        );

        Assert.True(
            result.IsValid,
            string.Join(
                '\n',
                (result.Details ?? []).SelectMany(
                    d => d.Errors ?? new Dictionary<string, string>(),
                    (d, e) => $"{d.InstanceLocation}: {e.Value}"
                )
            )
        );
    }

    private static JsonNode Read()
    {
        var content = new DeserializerBuilder()
            .Build()
            .Deserialize(File.ReadAllText(Path.Combine(Repository.Root, "azure.yaml")));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(content))!;
    }

    [GeneratedRegex(@"readEnvironmentVariable\('(\w+)'")]
    private static partial Regex Variable();
}
