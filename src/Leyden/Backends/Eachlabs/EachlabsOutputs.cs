using System.Text.Json;

namespace Leyden.Backends.Eachlabs;

/// <summary>Finds the URLs in a prediction's <c>output</c>: a string, an array, or an object that holds them.</summary>
internal static class EachlabsOutputs
{
    private const int MaxOutputs = 32;
    private const int MaxDepth = 6;

    // Of these an object holds the outputs themselves, and beside them perhaps thumbnails and pages.
    private static readonly string[] UsualNames =
    [
        "url",
        "uri",
        "image",
        "images",
        "output",
        "outputs",
        "file",
        "files",
    ];

    /// <returns>http(s) and data URLs in order, 32 at most.</returns>
    public static IReadOnlyList<Uri> Find(JsonElement output)
    {
        var found = new List<Uri>();
        Collect(output, 0, found);
        return found;
    }

    private static void Collect(JsonElement element, int depth, List<Uri> found)
    {
        if (depth > MaxDepth || found.Count >= MaxOutputs)
        {
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.String when ParseUrl(element.GetString()) is { } url:
                found.Add(url);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Collect(item, depth + 1, found);
                }

                break;
            case JsonValueKind.Object:
                CollectMembers(element, depth + 1, found);
                break;
        }
    }

    private static void CollectMembers(JsonElement element, int depth, List<Uri> found)
    {
        foreach (var name in UsualNames)
        {
            if (element.TryGetProperty(name, out var member))
            {
                var before = found.Count;
                Collect(member, depth, found);
                if (found.Count > before)
                {
                    return;
                }
            }
        }

        foreach (var member in element.EnumerateObject())
        {
            Collect(member.Value, depth, found);
        }
    }

    private static Uri? ParseUrl(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "data" ? url : null;
}
