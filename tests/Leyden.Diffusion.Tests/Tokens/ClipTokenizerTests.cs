using CsCheck;

namespace Leyden.Diffusion.Tests;

public sealed class ClipTokenizerTests(ClipTokenizerTests.Vocabulary vocabulary)
    : IClassFixture<ClipTokenizerTests.Vocabulary>
{
    private static readonly string[] _parts =
    [
        "&amp;",
        "&#x41",
        "&",
        "\ud83d",
        "\ude00",
        " ",
        "\u00a0",
        "'s",
        "<|endoftext|>",
        "Σ",
        "\u0301",
    ];

    /// <summary>Any UTF-16: the printable, blanks, entities, and halves of surrogate pairs.</summary>
    private static readonly Gen<string> _texts = Gen.OneOf(
            Gen.Char.Array.Select(characters => new string(characters)),
            Gen.String.AlphaNumeric,
            Gen.Int[0, _parts.Length - 1].Select(i => _parts[i])
        )
        .List[0, 12]
        .Select(string.Concat);

    private readonly ClipTokenizer _tokenizer = vocabulary.Tokenizer;

    [Fact]
    public void Ids_are_those_of_the_reference() =>
        Assert.All(
            vocabulary.Files.Texts(),
            reference => Assert.Equal(reference.Ids, _tokenizer.Encode(reference.Text))
        );

    [Fact]
    public void A_text_is_framed_and_padded()
    {
        var text = _tokenizer.Tokenize("A superhero smiling");

        Assert.Equal([49406, 320, 14049, 9200, 49407, .. Enumerable.Repeat(49407, 72)], text.Ids);
        Assert.Equal((5, 0), (text.Length, text.Cut));
    }

    [Fact]
    public void What_does_not_fit_is_cut_and_counted()
    {
        var text = _tokenizer.Tokenize(string.Join(' ', Enumerable.Repeat("owl", 100)));

        Assert.Equal((77, 77, 25), (text.Ids.Count, text.Length, text.Cut));
        Assert.Equal(49407, text.Ids[76]);
        Assert.Equal([49406, 9899, 49407], _tokenizer.Tokenize("owl owl", 3).Ids);
        Assert.Throws<ArgumentOutOfRangeException>(() => _tokenizer.Tokenize("owl", 1));
    }

    [Fact]
    public void Any_text_has_ids() =>
        _texts.Sample(text =>
        {
            var tokenized = _tokenizer.Tokenize(text);
            Assert.Equal(77, tokenized.Ids.Count);
            Assert.All(tokenized.Ids, id => Assert.InRange(id, 0, 49407));
            Assert.Equal(tokenized.Length - 2 + tokenized.Cut, _tokenizer.Encode(text).Count);
        });

    [Fact]
    public void Cleaning_a_clean_text_changes_nothing() =>
        _texts.Sample(text =>
        {
            var clean = PromptText.Clean(text.Replace('&', '+'));
            Assert.Equal(clean, PromptText.Clean(clean));
        });

    [Fact]
    public void Threads_may_share_a_tokenizer()
    {
        var texts = vocabulary.Files.Texts().Take(400).ToList();

        Parallel.ForEach(texts.Concat(texts), text => Assert.Equal(text.Ids, _tokenizer.Encode(text.Text)));
    }

    /// <summary>Work is counted in allocated bytes: a square of 10,000 characters would be hundreds of megabytes.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("the quick brown fox ")]
    [InlineData("&amp")]
    [InlineData("e\u0301\u0316")]
    [InlineData("\u0301\u0316")]
    [InlineData("Σ'")]
    [InlineData("!?")]
    public void A_long_text_takes_no_more_than_its_length(string part)
    {
        string Repeated(int length) => string.Concat(Enumerable.Repeat(part, length / part.Length));
        long BytesFor(string text)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            _tokenizer.Tokenize(text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        BytesFor(Repeated(1000));
        var (some, more) = (BytesFor(Repeated(5_000)), BytesFor(Repeated(20_000)));

        Assert.True(more < 8 * some, $"{some:n0} bytes for 5,000 characters, {more:n0} for 20,000");
    }

    public sealed class Vocabulary : IDisposable
    {
        public Vocabulary() => Tokenizer = ClipTokenizer.Load(Files.Folder);

        internal ClipVocabulary Files { get; } = new(Path.Combine(AppContext.BaseDirectory, "Tokens", "Reference"));

        public ClipTokenizer Tokenizer { get; }

        public void Dispose() => Files.Dispose();
    }
}
