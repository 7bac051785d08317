namespace Leyden.Diffusion.Tests;

public sealed class PromptTextTests
{
    [Theory]
    [InlineData("  A\tB\u00a0\u2003c\r\n", "a b c")]
    [InlineData("\u001c x \u001c y \u001f", "x \u001c y")]
    [InlineData(
        "&amp;lt;b&gt; &copy 2 &notit; &#x41;&#66 &#128; &#0; &#1;. &#xD800; &#99999999999; &&;",
        "<b> © 2 ¬it; ab € \uFFFD . \uFFFD \uFFFD &&;"
    )]
    [InlineData("ΟΔΟΣ ΣΑΣ. Σ İ", "οδος σας. σ i\u0307")]
    [InlineData(
        "e\u0301 \u212b q\u0323\u0307 q\u0307\u0323 \u0958 \u1112\u1161\u11ab",
        "é å q\u0323\u0307 q\u0323\u0307 \u0915\u093c 한"
    )]
    [InlineData("", "")]
    [InlineData(" \u3000 ", "")]
    public void A_text_is_cleaned_as_clip_does(string text, string expected) =>
        Assert.Equal(expected, PromptText.Clean(text));

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character() =>
        Assert.Equal("\uFFFDx\uFFFD", PromptText.Clean("\ud83dX\udc00"));

    [Theory]
    [InlineData("don't o'neil's 'ſ", "don|'t|o|'|neil|'s|'ſ")]
    [InlineData("a1b22 c", "a|1|b|2|2|c")]
    [InlineData("wow!!! <|endoftext|>x <|end", "wow|!!!|<|endoftext|>|x|<||end")]
    [InlineData("𝐀𝐁½𝟚 हिन्दी", "𝐀𝐁|½|𝟚|ह|ि|न|्|द|ी")]
    public void A_text_is_taken_apart_as_clip_does(string text, string expected) =>
        Assert.Equal(
            expected,
            string.Join('|', PromptText.Pieces(text, ["<|startoftext|>", "<|endoftext|>"]).Select(piece => text[piece]))
        );
}
