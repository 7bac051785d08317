using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class ObjectKeyTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("predictions/alice/2026-01-02/01jx.json")]
    [InlineData("A/_b/-c/d.e.f")]
    public void A_name_of_segments_is_a_key(string text)
    {
        Assert.True(ObjectKey.TryParse(text, out var key));
        Assert.Equal(text, key.Value);
        Assert.Equal(new ObjectKey(text), key);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData(".store/x")]
    [InlineData("a/.b")]
    [InlineData("a./b")]
    [InlineData("a/b.")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("a:b")]
    [InlineData("a+b")]
    [InlineData("a~b")]
    public void Anything_else_is_none(string? text)
    {
        Assert.False(ObjectKey.TryParse(text, out var key));
        Assert.Equal("", key.ToString());
        Assert.Throws<InvalidOperationException>(() => key.Value);
    }

    [Fact]
    public void Lengths_are_limited()
    {
        var segment = new string('a', 120);
        var longest = $"{segment}/{segment}/{segment}/{segment}/{new string('a', 28)}";
        Assert.Equal(512, longest.Length);

        Assert.True(ObjectKey.TryParse(longest, out _));
        Assert.False(ObjectKey.TryParse(longest + "a", out _));
        Assert.False(ObjectKey.TryParse(segment + "a", out _));
        Assert.False(ObjectKey.TryParse("b/" + segment + "a/b", out _));
    }
}
