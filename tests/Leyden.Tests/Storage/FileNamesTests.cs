using CsCheck;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class FileNamesTests
{
    private static readonly Gen<string> Segments = Gen.OneOf(
        Gen.String[Gen.Char["abAB01_-."], 1, 12].Where(text => ObjectKey.TryParse(text, out _)),
        Gen.OneOf("con", "CON", "Con.txt", "nul", "com1", "com1.json", "LPT9.a.b", "com10", "conx", "aux-", "prn")
    );

    [Fact]
    public void A_segment_is_found_again_in_its_file_name() =>
        Segments.Sample(segment =>
            FileNames.TryDecode(FileNames.Encode(segment), out var decoded) && decoded == segment
        );

    [Fact]
    public void Two_segments_have_names_that_differ_in_more_than_letter_case() =>
        Gen.Select(Segments, Segments)
            .Where((one, other) => one != other)
            .Sample(
                (one, other) =>
                    !string.Equals(FileNames.Encode(one), FileNames.Encode(other), StringComparison.OrdinalIgnoreCase)
            );

    [Fact]
    public void A_name_that_is_no_segments_own_is_not_decoded() =>
        Gen.OneOf(Gen.String[Gen.Char["ab+~A.- /"], 0, 8], Gen.String)
            .Sample(name => !FileNames.TryDecode(name, out var segment) || FileNames.Encode(segment) == name);

    [Theory]
    [InlineData("01jx3_a-b.json", "01jx3_a-b.json")]
    [InlineData("Alice", "+alice")]
    [InlineData("nul.json", "~nul.json")]
    [InlineData("NUL", "~+n+u+l")]
    [InlineData("null.json", "null.json")]
    public void Names_are_as_documented(string segment, string name) => Assert.Equal(name, FileNames.Encode(segment));
}
