using System.Runtime.CompilerServices;

namespace Leyden.Api.Tests;

/// <summary>Holds the pages about the protocols to the table of routes.</summary>
public sealed class ProtocolPagesTests
{
    public static TheoryData<string> Routes =>
        [
            .. ApiRoutes
                .All.Where(route =>
                    route.Pattern.StartsWith("v1/", StringComparison.Ordinal) && route.Name != "ReceiveCallback" // for backends, which are told its address
                )
                .Select(route => $"{route.Methods[0]} /{route.Pattern}"),
        ];

    [Theory]
    [MemberData(nameof(Routes))]
    public void A_route_is_described(string route)
    {
        var pages = Directory.EnumerateFiles(Folder(), "*.md").Select(File.ReadAllLines);

        // In the table of some page, the path whole: behind it the query, or the end of the code.
        Assert.Contains(
            pages.SelectMany(lines => lines),
            line =>
                line.StartsWith($"| `{route}`", StringComparison.Ordinal)
                || line.StartsWith($"| `{route}?", StringComparison.Ordinal)
        );
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "protocols"));
}
