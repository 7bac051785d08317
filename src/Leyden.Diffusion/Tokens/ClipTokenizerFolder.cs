using System.Text.Json;

namespace Leyden.Diffusion;

/// <summary>The files of a tokenizer folder, as Hugging Face's CLIPTokenizer writes them.</summary>
internal sealed class ClipTokenizerFolder
{
    /// <summary>What marks the last part of a word.</summary>
    public const string EndOfWord = "</w>";

    private const int UsualMaxTokens = 77;
    private const string UsualStart = "<|startoftext|>";
    private const string UsualEnd = "<|endoftext|>";

    private readonly string _path;
    private readonly Dictionary<string, int> _ids;

    private ClipTokenizerFolder(string path)
    {
        _path = path;
        var vocabulary = Path.Combine(path, "vocab.json");
        _ids = ReadVocabulary(vocabulary);
        Merges = ReadMerges(Path.Combine(path, "merges.txt"));
        JsonElement?[] settings =
        [
            ReadSettings(Path.Combine(path, "special_tokens_map.json")),
            ReadSettings(Path.Combine(path, "tokenizer_config.json")),
        ];
        StartToken = Known(TokenOf(settings, "bos_token") ?? UsualStart, "bos_token");
        EndToken = Known(TokenOf(settings, "eos_token") ?? UsualEnd, "eos_token");
        PadToken = Known(TokenOf(settings, "pad_token") ?? EndToken, "pad_token");
        UnknownToken = Known(TokenOf(settings, "unk_token") ?? EndToken, "unk_token");
        SpecialTokens = [StartToken, EndToken];
        MaxTokens = ReadMaxTokens(settings[1]);
    }

    public IReadOnlyDictionary<string, int> Vocabulary => _ids;

    /// <summary>The ids of the pairs that are merged and of what they become, best first.</summary>
    public IReadOnlyList<(int Left, int Right, int Merged)> Merges { get; }

    public string StartToken { get; }

    public string EndToken { get; }

    public string PadToken { get; }

    /// <summary>Stands for bytes that the vocabulary lacks; CLIP's lacks none.</summary>
    public string UnknownToken { get; }

    /// <summary>The tokens that a text may name by writing them out.</summary>
    public IReadOnlyList<string> SpecialTokens { get; }

    public int MaxTokens { get; }

    public static ClipTokenizerFolder Read(string folder) => new(folder);

    public int IdOf(string token) => _ids[token];

    /// <summary>The id of a special token's text; null for other texts.</summary>
    public int? SpecialIdOf(ReadOnlySpan<char> text) =>
        text.SequenceEqual(StartToken) ? IdOf(StartToken)
        : text.SequenceEqual(EndToken) ? IdOf(EndToken)
        : null;

    private static Dictionary<string, int> ReadVocabulary(string path)
    {
        using var json = ParseObject(path, ReadText(path));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            var isNumber = entry.Value.ValueKind == JsonValueKind.Number;
            if (!isNumber || !entry.Value.TryGetInt32(out var id) || id < 0)
            {
                throw new ModelDirectoryException(
                    path,
                    $"the id of {Quoted(entry.Name)} is {entry.Value.GetRawText()}; allowed: whole numbers from 0"
                );
            }

            if (!tokens.TryAdd(id, entry.Name))
            {
                throw new ModelDirectoryException(
                    path,
                    $"the id {id} belongs to {Quoted(tokens[id])} and {Quoted(entry.Name)}; allowed: one token each"
                );
            }

            ids[entry.Name] = id;
        }

        return ids.Count > 0 ? ids : throw new ModelDirectoryException(path, "the vocabulary is empty");
    }

    private List<(int Left, int Right, int Merged)> ReadMerges(string path)
    {
        var merges = new List<(int Left, int Right, int Merged)>();
        var number = 0;
        foreach (var line in ReadText(path).Split('\n'))
        {
            number++;
            var merge = line.TrimEnd('\r');
            if (merge.Length == 0 || (number == 1 && merge.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            var blank = merge.IndexOf(' ', StringComparison.Ordinal);
            if (blank <= 0 || blank == merge.Length - 1 || merge.LastIndexOf(' ') != blank)
            {
                throw new ModelDirectoryException(
                    path,
                    $"line {number} is {Quoted(merge)}, not two tokens with a blank between"
                );
            }

            var (left, right) = (merge[..blank], merge[(blank + 1)..]);
            merges.Add((IdOf(left), IdOf(right), IdOf(left + right)));

            int IdOf(string token) =>
                _ids.TryGetValue(token, out var id)
                    ? id
                    : throw new ModelDirectoryException(path, $"line {number}: {Quoted(token)} is not in vocab.json");
        }

        return merges;
    }

    private static JsonElement? ReadSettings(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var json = ParseObject(path, ReadText(path));
        return json.RootElement.Clone();
    }

    /// <summary>A token of the first file that names it, as text or as an object with its content.</summary>
    private static string? TokenOf(JsonElement?[] settings, string key) =>
        settings
            .Select(file =>
                file is { } root && root.TryGetProperty(key, out var value)
                    ? value.ValueKind switch
                    {
                        JsonValueKind.String => value.GetString(),
                        JsonValueKind.Object when value.TryGetProperty("content", out var content) =>
                            content.ToString(),
                        _ => null,
                    }
                    : null
            )
            .FirstOrDefault(token => token is not null);

    private string Known(string token, string key) =>
        _ids.ContainsKey(token)
            ? token
            : throw new ModelDirectoryException(_path, $"{key} is {Quoted(token)}, which is not in vocab.json");

    /// <summary>Tokenizers without a limit have an enormous number there.</summary>
    private int ReadMaxTokens(JsonElement? config)
    {
        if (config is not { } root || !root.TryGetProperty("model_max_length", out var value))
        {
            return UsualMaxTokens;
        }

        var isNumber = value.ValueKind == JsonValueKind.Number;
        return isNumber && value.GetDouble() is >= 2 and var length
            ? (length <= 65_536 ? (int)length : UsualMaxTokens)
            : throw new ModelDirectoryException(
                Path.Combine(_path, "tokenizer_config.json"),
                $"model_max_length is {value.GetRawText()}; allowed: a number from 2"
            );
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelDirectoryException(path, "the file is missing", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ModelDirectoryException(path, $"the file can not be read: {fault.Message}", fault);
        }
    }

    private static JsonDocument ParseObject(string path, string text)
    {
        try
        {
            var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json
                : throw new ModelDirectoryException(path, "the file is not a JSON object");
        }
        catch (JsonException fault)
        {
            throw new ModelDirectoryException(path, $"the file is not JSON: {fault.Message}", fault);
        }
    }

    private static string Quoted(string text) => $"'{(text.Length <= 60 ? text : text[..60] + "…")}'";
}
