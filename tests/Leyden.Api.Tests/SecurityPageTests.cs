using System.Text.RegularExpressions;
using Leyden.TestSupport;

namespace Leyden.Api.Tests;

/// <summary>Holds docs/security.md to the tests and files that it names.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly HashSet<string> Classes =
    [
        .. Directory
            .EnumerateFiles(RepositoryFile.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ClassNames().Matches(File.ReadAllText(file)))
            .Select(m => m.Groups[1].Value),
    ];

    [Fact]
    public void Each_threat_has_a_control_and_a_test_or_file_that_there_is()
    {
        var threats = Threats().Matches(RepositoryFile.Read("docs/security.md"));

        Assert.True(threats.Count > 40, $"{threats.Count} threats were found.");
        Assert.All(
            threats,
            threat =>
            {
                var names = Names().Matches(threat.Groups["held"].Value).Select(m => m.Groups[1].Value).ToList();
                Assert.NotEmpty(names);
                Assert.All(names, name => Assert.True(Exists(name), $"There is no {name}: {threat.Value}"));
            }
        );
    }

    [Fact]
    public void Each_table_is_one_of_threats_or_of_leaks()
    {
        var page = RepositoryFile.Read("docs/security.md");

        var rows = Rows().Count(page);
        var tables = Rules().Count(page);
        var leaks = Rows().Count(page[page.IndexOf("## When something leaks", StringComparison.Ordinal)..]) - 2;

        Assert.Equal(rows - (2 * tables), Threats().Count(page) + leaks);
    }

    private static bool Exists(string name) =>
        name.Contains('/', StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal)
            ? Path.Exists(RepositoryFile.PathOf(name))
            : Classes.Contains(name);

    [GeneratedRegex(@"^\|[^|]+\|[^|]+\| *(?<held>(`[^`|]+`(, )?)+) \|$", RegexOptions.Multiline)]
    private static partial Regex Threats();

    [GeneratedRegex(@"^\|.*\|$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^\|(---\|)+$", RegexOptions.Multiline)]
    private static partial Regex Rules();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"\bclass ([A-Za-z]+)")]
    private static partial Regex ClassNames();
}
