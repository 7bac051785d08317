using System.Text.RegularExpressions;
using Leyden.Api.Access;
using Leyden.Api.Streaming;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;
using Leyden.Batches;
using Leyden.Intake;
using Leyden.Net;
using Leyden.Notifications;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Tests;

/// <summary>Holds docs/configuration.md to the options that both hosts bind, to the variables that are read, and to the deployment.</summary>
public sealed partial class SettingsTests
{
    private static readonly (Type Options, string Section)[] Bound =
    [
        (typeof(RoutingOptions), "Leyden"),
        (typeof(ApiOptions), "Leyden"),
        (typeof(StreamOptions), "Leyden"),
        (typeof(NetworkOptions), NetworkOptions.Section),
        (typeof(PublicAddressOptions), PublicAddressOptions.Section),
        (typeof(EachlabsOptions), EachlabsOptions.Section),
        (typeof(ContainerOptions), ContainerOptions.Section),
        (typeof(RoutingRule), RoutingRule.Section),
        (typeof(PredictionOptions), PredictionOptions.Section),
        (typeof(OutputOptions), OutputOptions.Section),
        (typeof(BatchOptions), BatchOptions.Section),
        (typeof(QueueOptions), QueueOptions.Section),
        (typeof(StorageOptions), StorageOptions.Section),
        (typeof(WebhookOptions), WebhookOptions.Section),
        (typeof(WebhookEndpointOptions), $"{WebhookOptions.Section}:Endpoints:NAME"),
        (typeof(EventOptions), EventOptions.Section),
    ];

    private static IEnumerable<SettingRow> OfBothHosts =>
        ConfigurationPage.Settings.Where(s => s.Hosts.Contains('F', StringComparison.Ordinal));

    [Fact]
    public void Each_setting_has_a_row_with_its_default_and_each_row_a_setting()
    {
        var settings = Bound.SelectMany(b => ConfigurationPage.Of(b.Options, b.Section)).ToList();
        var key = $"{AccessOptions.Section}:NAME".Replace(":", "__", StringComparison.Ordinal);

        Assert.Equal(settings.Select(s => s.Name).Append(key).Order(), OfBothHosts.Select(s => s.Name).Order());
        Assert.All(settings, s => ConfigurationPage.AssertDefault(s.Name, s.Default));
        Assert.All(OfBothHosts, s => Assert.Contains('L', s.Hosts));
    }

    [Fact]
    public void Both_ends_of_each_range_are_taken_and_what_is_beyond_is_refused_by_name() =>
        ConfigurationPage.AssertRanges(OfBothHosts, Start);

    [Fact]
    public void Every_options_class_of_both_hosts_is_looked_at()
    {
        var classes = new[] { typeof(PredictionOptions).Assembly, typeof(ApiOptions).Assembly }
            .SelectMany(a => a.GetExportedTypes())
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal) && t.IsClass && !t.IsAbstract)
            .Append(typeof(RoutingRule));

        Assert.Equal(
            classes.Select(t => t.Name).Order(),
            Bound.Select(b => b.Options.Name).Append(nameof(AccessOptions)).Order()
        );
    }

    [Fact]
    public void The_readme_names_settings_that_there_are_and_leads_to_the_page()
    {
        var readme = RepositoryFile.Read("README.md");
        var named = SettingNames().Matches(readme).Select(m => m.Value.TrimEnd('_')).Distinct();

        Assert.All(named, name => Assert.Contains(name, ConfigurationPage.Settings.Select(s => s.Name)));
        Assert.Contains($"({ConfigurationPage.File})", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_variable_that_the_code_reads_by_name_has_a_row()
    {
        var read = Directory
            .EnumerateFiles(RepositoryFile.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .SelectMany(file => Variables().Matches(File.ReadAllText(file)))
            .Select(m => m.Groups[1].Value)
            .Distinct()
            .ToList();

        Assert.Contains("LEYDEN_DATA", read);
        Assert.All(read, name => Assert.Contains(name, ConfigurationPage.OtherVariables.Keys));
        Assert.All(
            ConfigurationPage.OtherVariables.Keys.Where(n => n.StartsWith("LEYDEN_", StringComparison.Ordinal)),
            name => Assert.Contains(name, read)
        );
    }

    [Fact]
    public void The_deployment_s_variables_are_those_that_its_parameters_read_with_their_defaults()
    {
        var read = Parameters()
            .Matches(RepositoryFile.Read("infra/main.bicepparam"))
            .Select(m => (Name: m.Groups["name"].Value, Default: m.Groups["default"].Value))
            .Distinct()
            .ToList();

        Assert.Equal(read.Select(r => r.Name).Order(), ConfigurationPage.Deployment.Keys.Order());
        Assert.All(
            read,
            r =>
            {
                var cell = ConfigurationPage.Deployment[r.Name];
                Assert.Equal(
                    (r.Name, r.Default.Length > 0 ? $"`{r.Default}`" : ""),
                    (r.Name, cell.StartsWith('`') ? cell : "")
                );
            }
        );
    }

    /// <summary>Starts what both hosts register.</summary>
    private static string? Start(string setting, string value)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Leyden:Storage:Folder", Path.Combine(Path.GetTempPath(), "leyden-never-made")),
                new(setting, value),
            ])
            .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging();
        services.AddLeydenCore();
        services.AddLeydenApi();
        services.AddEachlabsBackend();
        services.AddContainerBackend(configuration);
        services.AddObjectStore(configuration);
        using var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
            return null;
        }
        catch (Exception fault) when (SettingFaults.Explain(fault) is { } line)
        {
            return line;
        }
    }

    [GeneratedRegex("Leyden__[A-Za-z]+(__[A-Za-z]+)*")]
    private static partial Regex SettingNames();

    [GeneratedRegex("\"((LEYDEN|EACHLABS|WEBHOOK|AZURE|APPLICATIONINSIGHTS|OTEL|WEBSITE)_[A-Z_]+)\"")]
    private static partial Regex Variables();

    [GeneratedRegex(@"readEnvironmentVariable\('(?<name>[A-Z_]+)'(, *'(?<default>[^']*)')?\)")]
    private static partial Regex Parameters();
}
