using System.Text.Json;
using Leyden.TestSupport;

namespace Leyden.Monitoring.Tests;

/// <summary>What the language service of Kusto makes of a query.</summary>
/// <param name="Faults">What does not parse, or does not bind to the tables.</param>
/// <param name="Columns">The columns of the result, <c>name:type</c>.</param>
/// <param name="Literals">The texts in it that are no keys.</param>
/// <param name="Keys">The texts in brackets: keys of dynamic values.</param>
/// <param name="Tables">The tables that are asked.</param>
public sealed record BoundQuery(
    IReadOnlyList<string> Faults,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> Literals,
    IReadOnlyList<string> Keys,
    IReadOnlyList<string> Tables
)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Binds queries to the tables of Application Insights.</summary>
    public static async Task<IReadOnlyDictionary<string, BoundQuery>> BindAsync(
        IReadOnlyDictionary<string, string> queries,
        CancellationToken cancellationToken
    )
    {
        var folder = Repository.PathOf("tests/Leyden.Monitoring.Tests/node");
        await NodeTools.InstallAsync(folder, cancellationToken);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        using var node = NodeTools.Start(folder, "kql.cjs");
        var output = node.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = node.StandardError.ReadToEndAsync(timeout.Token);
        await JsonSerializer.SerializeAsync(
            node.StandardInput.BaseStream,
            new { tables = ApplicationInsightsTables.All, queries },
            cancellationToken: timeout.Token
        );
        node.StandardInput.Close();
        await node.WaitForExitAsync(timeout.Token);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<Dictionary<string, BoundQuery>>(await output, JsonSerializerOptions.Web)!;
    }
}
