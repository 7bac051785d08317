namespace Leyden.Diffusion.Tests;

/// <summary>Folders of other tokenizers, and folders that can not be used.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private const string Vocabulary = """
        {"!": 0, "a": 1, "b": 2, "a</w>": 3, "b</w>": 4, "ab</w>": 5, "<|startoftext|>": 6, "<|endoftext|>": 7, "<s>": 8}
        """;

    private const string Merges = "#version: 0.2\na b</w>\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    [Fact]
    public void Without_more_files_texts_are_padded_with_the_end_to_77()
    {
        WriteVocabulary(Vocabulary, Merges);

        var text = ClipTokenizer.Load(_folder).Tokenize("ab b a");

        Assert.Equal([6, 5, 4, 3, 7, .. Enumerable.Repeat(7, 72)], text.Ids);
    }

    [Fact]
    public void The_second_tokenizer_of_sdxl_pads_with_an_exclamation_mark()
    {
        WriteVocabulary(Vocabulary, Merges);
        Write("special_tokens_map.json", """{"bos_token": {"content": "<s>", "lstrip": false}, "pad_token": "!"}""");
        Write("tokenizer_config.json", """{"pad_token": "<|endoftext|>", "model_max_length": 5}""");

        var tokenizer = ClipTokenizer.Load(_folder);

        Assert.Equal([8, 3, 7, 0, 0], tokenizer.Tokenize("a").Ids);
        Assert.Equal((5, 8, 7, 0), (tokenizer.MaxTokens, tokenizer.StartId, tokenizer.EndId, tokenizer.PadId));
    }

    [Fact]
    public void A_length_without_a_limit_is_77()
    {
        WriteVocabulary(Vocabulary, Merges);
        Write("tokenizer_config.json", """{"model_max_length": 1000000000000000019884624838656}""");

        Assert.Equal(77, ClipTokenizer.Load(_folder).MaxTokens);
    }

    [Fact]
    public void What_a_small_vocabulary_lacks_is_unknown()
    {
        WriteVocabulary(Vocabulary, Merges);
        Write("tokenizer_config.json", """{"unk_token": "!"}""");

        Assert.Equal([1, 0, 5, 0, 0], ClipTokenizer.Load(_folder).Encode("ac ab é"));
    }

    [Fact]
    public void Occurrences_are_all_merged_before_a_better_pair_that_arises()
    {
        // Once the first a and b are merged there is a pair of a lower rank, ab and a; CLIP merges the other a and b before it.
        WriteVocabulary(
            """{"a": 0, "b": 1, "c</w>": 2, "ab": 3, "aba": 4, "<|startoftext|>": 5, "<|endoftext|>": 6}""",
            "#version: 0.2\nab a\na b\n"
        );

        Assert.Equal([3, 3, 2], ClipTokenizer.Load(_folder).Encode("ababc"));
        Assert.Equal([3, 4, 2], ClipTokenizer.Load(_folder).Encode("ababac"));
    }

    [Theory]
    [InlineData("[]", Merges, "vocab.json: the file is not a JSON object")]
    [InlineData("{", Merges, "vocab.json: the file is not JSON: ")]
    [InlineData("{}", Merges, "vocab.json: the vocabulary is empty")]
    [InlineData("""{"a": "x"}""", Merges, "vocab.json: the id of 'a' is \"x\"; allowed: whole numbers from 0")]
    [InlineData("""{"a": -1}""", Merges, "vocab.json: the id of 'a' is -1; allowed: whole numbers from 0")]
    [InlineData("""{"a": 1, "b": 1}""", Merges, "vocab.json: the id 1 belongs to 'a' and 'b'; allowed: one token each")]
    [InlineData(Vocabulary, "#version: 0.2\nab\n", "merges.txt: line 2 is 'ab', not two tokens with a blank between")]
    [InlineData(Vocabulary, "a b</w>\nb a\n", "merges.txt: line 2: 'ba' is not in vocab.json")]
    [InlineData("""{"a": 1}""", "", ": bos_token is '<|startoftext|>', which is not in vocab.json")]
    public void What_can_not_be_used_is_named(string vocabulary, string merges, string problem)
    {
        WriteVocabulary(vocabulary, merges);

        var fault = Assert.Throws<ModelDirectoryException>(() => ClipTokenizer.Load(_folder));

        Assert.StartsWith(_folder, fault.Message, StringComparison.Ordinal);
        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "tokenizer_config.json",
        """{"model_max_length": "long"}""",
        "model_max_length is \"long\"; allowed: a number from 2"
    )]
    [InlineData("tokenizer_config.json", "no", "tokenizer_config.json: the file is not JSON: ")]
    [InlineData(
        "special_tokens_map.json",
        """{"pad_token": "[PAD]"}""",
        ": pad_token is '[PAD]', which is not in vocab.json"
    )]
    public void Settings_that_can_not_be_used_are_named(string name, string text, string problem)
    {
        WriteVocabulary(Vocabulary, Merges);
        Write(name, text);

        var fault = Assert.Throws<ModelDirectoryException>(() => ClipTokenizer.Load(_folder));

        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void Missing_files_are_named(string name)
    {
        WriteVocabulary(Vocabulary, Merges);
        File.Delete(Path.Combine(_folder, name));

        var fault = Assert.Throws<ModelDirectoryException>(() => ClipTokenizer.Load(_folder));

        Assert.Equal($"{Path.Combine(_folder, name)}: the file is missing", fault.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void WriteVocabulary(string vocabulary, string merges)
    {
        Write("vocab.json", vocabulary);
        Write("merges.txt", merges);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
