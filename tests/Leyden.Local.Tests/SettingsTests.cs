using System.ComponentModel.DataAnnotations;
using Leyden.Local.BuiltIn;
using Leyden.TestSupport;
using Microsoft.Extensions.Configuration;

namespace Leyden.Local.Tests;

/// <summary>Holds docs/configuration.md to what the local host alone reads.</summary>
public sealed class SettingsTests
{
    private static IEnumerable<SettingRow> OfThisHost =>
        ConfigurationPage.Settings.Where(s =>
            s.Hosts.Contains('L', StringComparison.Ordinal) && !s.Hosts.Contains('F', StringComparison.Ordinal)
        );

    [Fact]
    public void Each_setting_has_a_row_with_its_default_and_each_row_a_setting()
    {
        var settings = ConfigurationPage.Of(typeof(BuiltInModelOptions), BuiltInModelOptions.Section).ToList();

        Assert.Equal(settings.Select(s => s.Name).Order(), OfThisHost.Select(s => s.Name).Order());
        Assert.All(settings, s => ConfigurationPage.AssertDefault(s.Name, s.Default));
    }

    [Fact]
    public void Both_ends_of_each_range_are_taken_and_what_is_beyond_is_refused_by_name() =>
        ConfigurationPage.AssertRanges(
            OfThisHost,
            (setting, value) =>
            {
                var options = new BuiltInModelOptions();
                new ConfigurationBuilder()
                    .AddInMemoryCollection([new(setting, value)])
                    .Build()
                    .Bind(BuiltInModelOptions.Section, options);
                var problems = new List<ValidationResult>();
                return Validator.TryValidateObject(options, new ValidationContext(options), problems, true)
                    ? null
                    : string.Join(" ", problems.Select(p => p.ErrorMessage));
            }
        );
}
