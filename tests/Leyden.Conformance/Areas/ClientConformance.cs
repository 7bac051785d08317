using System.Text.RegularExpressions;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>Clients that others have written, unchanged, with this host for their base URL.</summary>
public abstract partial class ClientConformance<THost>(HostPool hosts, Scoreboard scoreboard)
    : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    [Fact]
    public async Task The_complete_python_example_of_the_Eachlabs_documentation_gets_its_picture()
    {
        Need(await Python.HasAsync("requests"), "python3 with the package requests");
        var client = Path.Combine(AppContext.BaseDirectory, "clients", "seed_example.py");

        var (succeeded, output) = await Python.RunAsync(
            new()
            {
                ["EACHLABS_BASE_URL"] = Alice.BaseUrl.AbsoluteUri.TrimEnd('/'),
                ["EACHLABS_API_KEY"] = Alice.Key ?? "any",
            },
            client
        );

        Assert.True(succeeded, output);
        Assert.Matches(@"Processing time: \d", output);
        var picture = await Nobody.GetAsync(OutputUrl().Match(output).Groups[1].Value);
        Assert.Equal([0x89, .. "PNG"u8], picture.Ok().Bytes[..4]);
    }

    [GeneratedRegex(@"Output URL: (\S+)")]
    private static partial Regex OutputUrl();
}
