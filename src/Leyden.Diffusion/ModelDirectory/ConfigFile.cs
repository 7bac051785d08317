using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Leyden.Diffusion;

/// <summary>A JSON file of a model directory: every complaint names the file, the key and what was expected.</summary>
internal sealed class ConfigFile
{
    /// <summary>Configuration files are a few kilobytes; what is larger is something else.</summary>
    private const long MaxBytes = 1 << 20;

    private readonly JsonElement _root;

    private ConfigFile(string path, JsonElement root) => (Path, _root) = (path, root);

    public string Path { get; }

    public static ConfigFile Read(string path)
    {
        ModelFiles.MustExist(path);
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new ModelDirectoryException(path, "a configuration file of at most 1 MiB was expected");
        }

        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigFile(path, document.RootElement.Clone())
                : throw new ModelDirectoryException(path, "a JSON object was expected");
        }
        catch (JsonException fault)
        {
            throw new ModelDirectoryException(path, $"JSON was expected: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ModelDirectoryException(path, $"can not be read: {fault.Message}", fault);
        }
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    public int PositiveInteger(string key) =>
        OptionalPositiveInteger(key) ?? throw Fault(key, "a positive whole number was expected");

    public int? OptionalPositiveInteger(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0
            ? number
            : throw Fault(key, "a positive whole number was expected");
    }

    /// <summary>A whole number, or null where the key is missing or holds something else, such as one number per block.</summary>
    public int? IntegerIfOne(string key) =>
        TryGet(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;

    public float PositiveNumber(string key) =>
        OptionalNumber(key) is { } number && number > 0 && float.IsFinite(number)
            ? number
            : throw Fault(key, "a positive number was expected");

    public float? OptionalNumber(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number)
            ? number
            : throw Fault(key, "a number was expected");
    }

    public bool Flag(string key, bool absent)
    {
        if (!TryGet(key, out var value))
        {
            return absent;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Fault(key, "true or false was expected");
    }

    public string Text(string key) => OptionalText(key) ?? throw Fault(key, "a text was expected");

    public string? OptionalText(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Fault(key, "a text was expected");
    }

    /// <summary>How many entries a list has, at least one.</summary>
    public int ListLength(string key) =>
        TryGet(key, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? value.GetArrayLength()
            : throw Fault(key, "a list with at least one entry was expected");

    /// <summary>A list of exactly <paramref name="length"/> numbers.</summary>
    public float[] Numbers(string key, int length) =>
        OptionalNumbers(key, length) ?? throw Fault(key, $"a list of {length} numbers was expected");

    public float[]? OptionalNumbers(string key, int length)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != length)
        {
            throw Fault(key, $"a list of {length} numbers was expected");
        }

        return
        [
            .. value
                .EnumerateArray()
                .Select(n =>
                    n.ValueKind == JsonValueKind.Number && n.TryGetSingle(out var number) && float.IsFinite(number)
                        ? number
                        : throw Fault(key, $"a list of {length} numbers was expected")
                ),
        ];
    }

    /// <summary>An object within, or null.</summary>
    public ConfigFile? OptionalObject(string key)
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? new ConfigFile(Path, value)
            : throw Fault(key, "an object was expected");
    }

    public bool IsObject(string key) => TryGet(key, out var value) && value.ValueKind == JsonValueKind.Object;

    public ModelDirectoryException Fault(string key, string expected) =>
        new(Path, TryGet(key, out var value) ? $"'{key}': {expected}, not {Shortened(value)}" : $"'{key}': {expected}");

    private static string Shortened(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : $"{text[..77]}...";
    }

    private bool TryGet(string key, [NotNullWhen(true)] out JsonElement value) =>
        _root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
}
