using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Infra.Tests;

/// <summary>
/// What each variant makes, compared with what was committed. After a change that is meant:
/// <c>LEYDEN_UPDATE_SNAPSHOTS=1 dotnet test --project tests/Leyden.Infra.Tests</c>, and look at the difference before it is committed.
/// </summary>
public sealed class SnapshotTests
{
    private const int LongestText = 1_000;

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task A_variant_makes_what_was_looked_at(string variant)
    {
        var actual = Shorten((await Variant.PredictAsync(variant)).Content);
        var file = Path.Combine(Repository.Variants, $"{variant}.snapshot.json");
        if (Environment.GetEnvironmentVariable("LEYDEN_UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(
                file,
                actual.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n",
                TestContext.Current.CancellationToken
            );
        }

        var expected = File.Exists(file)
            ? JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))
            : new JsonObject();
        var (before, after) = (Lines(expected), Lines(actual));
        var difference = before.Except(after).Select(l => $"- {l}").Concat(after.Except(before).Select(l => $"+ {l}"));

        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"""
            {variant} makes something else than Variants/{variant}.snapshot.json:
            {string.Join('\n', difference.Take(60))}
            When that is meant: LEYDEN_UPDATE_SNAPSHOTS=1 dotnet test --project tests/Leyden.Infra.Tests
            """
        );
    }

    [Fact]
    public void Every_snapshot_has_a_variant() =>
        Assert.Equal(
            Variant.Names,
            Directory
                .EnumerateFiles(Repository.Variants, "*.snapshot.json")
                .Select(f => Path.GetFileName(f)[..^".snapshot.json".Length])
                .Order()
        );

    private static List<string> Lines(JsonNode? node) =>
        [.. Snapshot.Leaves(node, "").Select(l => $"{l.Path} = {l.Value}")];

    // A workbook is a text of thousands of lines: its checksum tells as well that it has changed.
    private static JsonNode Shorten(JsonNode node) =>
        node switch
        {
            JsonObject o => new JsonObject(
                o.Select(p => KeyValuePair.Create(p.Key, p.Value is null ? null : Shorten(p.Value)))
            ),
            JsonArray a => new JsonArray([.. a.Select(item => item is null ? null : Shorten(item))]),
            JsonValue v when v.TryGetValue<string>(out var text) && text.Length > LongestText =>
                $"SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}",
            _ => node.DeepClone(),
        };
}
