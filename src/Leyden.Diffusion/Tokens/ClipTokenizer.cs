namespace Leyden.Diffusion;

/// <summary>
/// CLIP's byte-pair tokenizer (Radford et al. 2021), to the id the same as openai/CLIP's: the text is cleaned, taken apart into words, and each
/// word's bytes merged by the folder's ranks. It holds no state of a text; any number of threads may share it.
/// </summary>
public sealed class ClipTokenizer
{
    private readonly BytePairs _pairs;
    private readonly ClipTokenizerFolder _folder;

    private ClipTokenizer(ClipTokenizerFolder folder)
    {
        _folder = folder;
        _pairs = new BytePairs(
            folder.Vocabulary,
            folder.Merges,
            ClipTokenizerFolder.EndOfWord,
            folder.IdOf(folder.UnknownToken)
        );
    }

    /// <summary>The tokens of a text that the model reads, start and end included: <c>model_max_length</c> of the folder, or 77.</summary>
    public int MaxTokens => _folder.MaxTokens;

    /// <summary>The id that texts begin with.</summary>
    public int StartId => _folder.IdOf(_folder.StartToken);

    /// <summary>The id that texts end with.</summary>
    public int EndId => _folder.IdOf(_folder.EndToken);

    /// <summary>The id after the end.</summary>
    public int PadId => _folder.IdOf(_folder.PadToken);

    /// <summary>
    /// Reads <c>vocab.json</c> and <c>merges.txt</c> of a folder, and the special tokens and length from <c>special_tokens_map.json</c>
    /// and <c>tokenizer_config.json</c> where they are.
    /// </summary>
    /// <exception cref="ModelDirectoryException">A file is missing or malformed; the message names it and what is wrong.</exception>
    public static ClipTokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new ClipTokenizer(ClipTokenizerFolder.Read(folder));
    }

    /// <summary>The ids of a text. Any text will do; surrogates without their other half are read as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxTokens">The length of the result, at least 2; null for <see cref="MaxTokens"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length leaves no room for start and end.</exception>
    public TokenizedText Tokenize(string text, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var length = maxTokens ?? MaxTokens;
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2, nameof(maxTokens));
        var all = Encode(text);
        var kept = Math.Min(all.Count, length - 2);
        var ids = new int[length];
        ids[0] = StartId;
        all.CopyTo(0, ids, 1, kept);
        ids[kept + 1] = EndId;
        Array.Fill(ids, PadId, kept + 2, length - kept - 2);
        return new TokenizedText(ids, kept + 2, all.Count - kept);
    }

    /// <summary>All ids of a text, without start, end and padding.</summary>
    public List<int> Encode(string text)
    {
        var clean = PromptText.Clean(text);
        var ids = new List<int>();
        foreach (var piece in PromptText.Pieces(clean, _folder.SpecialTokens))
        {
            var span = clean.AsSpan(piece);
            if (_folder.SpecialIdOf(span) is { } special)
            {
                ids.Add(special);
            }
            else
            {
                _pairs.Encode(span, ids);
            }
        }

        return ids;
    }
}
