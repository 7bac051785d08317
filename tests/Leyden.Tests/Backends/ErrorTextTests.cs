using CsCheck;
using Leyden.Backends;

namespace Leyden.Tests.Backends;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" \n ", null)]
    [InlineData(" plain words\n", "plain words")]
    [InlineData("see https://a.example/b/c?sig=x&se=y for it", "see https://a.example/b/c?[removed] for it")]
    [InlineData("\"HTTP://a.example/?k\",", "\"HTTP://a.example/?[removed]\",")]
    [InlineData("https://a.example/b#c", "https://a.example/b#c")]
    [InlineData("https://user:word@a.example/b", "https://a.example/b")]
    [InlineData("Authorization: Bearer abc.def-123", "Authorization: Bearer [removed]")]
    [InlineData("X-API-Key: abc", "X-API-Key: [removed]")]
    [InlineData("{\"api_key\":\"abc\",\"b\":1}", "{\"api_key\":\"[removed]\",\"b\":1}")]
    [InlineData("apikey=abc&b=1", "apikey=[removed]&b=1")]
    public void Secrets_are_removed(string? text, string? clean)
    {
        Assert.Equal(clean, ErrorText.Clean(text));
    }

    [Fact]
    public void A_long_text_ends_in_an_ellipsis_and_never_in_half_a_character()
    {
        Gen.Select(Gen.Int[ErrorText.MaxLength - 5, ErrorText.MaxLength + 20_000], Gen.Bool)
            .Sample(
                (length, shifted) =>
                {
                    var text = (shifted ? "a" : "") + string.Concat(Enumerable.Repeat("😀", length / 2));
                    var clean = ErrorText.Clean(text)!;

                    Assert.True(clean.Length <= ErrorText.MaxLength);
                    Assert.Equal(text.Length > ErrorText.MaxLength, clean.EndsWith('…'));
                    Assert.False(char.IsHighSurrogate(clean.TrimEnd('…')[^1]));
                }
            );
    }

    [Fact]
    public void A_long_log_keeps_its_end_without_the_secret_at_the_cut()
    {
        var log = new string('a', 100_000) + "secret" + new string('b', ErrorText.MaxLength - 4);

        var clean = ErrorText.CleanLog(log, "secret")!;

        Assert.Equal(ErrorText.MaxLength, clean.Length);
        Assert.StartsWith("…", clean, StringComparison.Ordinal);
        Assert.DoesNotContain("ret", clean, StringComparison.Ordinal);
        Assert.Equal("short", ErrorText.CleanLog(" short "));
    }

    [Fact]
    public void A_secret_is_removed_wherever_it_stands()
    {
        var word = Gen.String[Gen.Char.AlphaNumeric, 8, 40];
        Gen.Select(word, Gen.String, Gen.String, Gen.Int[0, 3000])
            .Sample(
                (secret, before, after, padding) =>
                {
                    var text = before + new string('.', padding) + secret + after + secret;
                    Assert.DoesNotContain(secret, ErrorText.Clean(text, secret) ?? "", StringComparison.Ordinal);
                }
            );
    }

    [Fact]
    public void Megabytes_of_nonsense_are_cut_before_they_are_searched()
    {
        var text = string.Concat(Enumerable.Repeat("https://a?bearer api_key=", 1 << 20));

        Assert.Equal(ErrorText.MaxLength, ErrorText.Clean(text)!.Length);
    }
}
