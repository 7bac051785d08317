using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Leyden.Storage;

/// <summary>Small lists in the object store, one JSON document a line (https://jsonlines.org), in the form of <see cref="LeydenJson"/>.</summary>
public static class JsonLines
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/jsonl";

    /// <summary>Writes a list, replacing what is there.</summary>
    public static async Task PutJsonLinesAsync<T>(
        this IObjectStore store,
        ObjectKey key,
        IReadOnlyList<T> values,
        CancellationToken cancellationToken
    )
    {
        using var content = new MemoryStream();
        foreach (var value in values)
        {
            JsonSerializer.Serialize(content, value, LeydenJson.Options);
            content.WriteByte((byte)'\n');
        }

        content.Position = 0;
        await store.PutAsync(key, content, ContentType, WriteCondition.None, cancellationToken);
    }

    /// <summary>Reads a list line by line; nothing when there is no such object.</summary>
    public static async IAsyncEnumerable<T> GetJsonLinesAsync<T>(
        this IObjectStore store,
        ObjectKey key,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : class
    {
        await using var found = await store.GetAsync(key, cancellationToken);
        if (found is null)
        {
            yield break;
        }

        using var reader = new StreamReader(found.Content, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonSerializer.Deserialize<T>(line, LeydenJson.Options)
                ?? throw new JsonException($"A line of {key} holds null.");
        }
    }
}
