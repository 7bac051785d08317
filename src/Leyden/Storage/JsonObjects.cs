using System.Text.Json;

namespace Leyden.Storage;

/// <summary>JSON documents in the object store, written in the form of <see cref="LeydenJson"/>.</summary>
public static class JsonObjects
{
    private const string ContentType = "application/json";
    private const int MaxFirstAttempts = 10;

    /// <summary>Reads a document.</summary>
    /// <returns>The document with its entity tag; null when there is none.</returns>
    public static async Task<Versioned<T>?> GetJsonAsync<T>(
        this IObjectStore store,
        ObjectKey key,
        CancellationToken cancellationToken
    )
        where T : class
    {
        await using var found = await store.GetAsync(key, cancellationToken);
        if (found is null)
        {
            return null;
        }

        var value =
            await JsonSerializer.DeserializeAsync<T>(found.Content, LeydenJson.Options, cancellationToken)
            ?? throw new JsonException($"The object {key} holds null.");
        return new Versioned<T>(value, found.ETag);
    }

    /// <summary>Writes a document.</summary>
    /// <returns>The new entity tag; null when the condition did not hold.</returns>
    public static async Task<string?> PutJsonAsync<T>(
        this IObjectStore store,
        ObjectKey key,
        T value,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, LeydenJson.Options));
        return await store.PutAsync(key, content, ContentType, condition, cancellationToken);
    }

    /// <summary>Writes a document unless there is one. Of all who do so under one key, everybody gets what the first wrote.</summary>
    /// <returns>The document that is there: never none, also while others delete it.</returns>
    /// <exception cref="ContentionException">It was written and deleted by others again and again.</exception>
    public static async Task<T> PutFirstJsonAsync<T>(
        this IObjectStore store,
        ObjectKey key,
        T value,
        CancellationToken cancellationToken
    )
        where T : class
    {
        for (var attempt = 0; attempt < MaxFirstAttempts; attempt++)
        {
            if (await store.PutJsonAsync(key, value, WriteCondition.IfAbsent, cancellationToken) is not null)
            {
                return value;
            }

            if (await store.GetJsonAsync<T>(key, cancellationToken) is { } first)
            {
                return first.Value;
            }
        }

        throw new ContentionException($"The object {key} is written and deleted again and again.");
    }
}

/// <summary>A document as it was when it was read.</summary>
/// <param name="Value">The document.</param>
/// <param name="ETag">What to match when writing it back.</param>
public sealed record Versioned<T>(T Value, string ETag);
