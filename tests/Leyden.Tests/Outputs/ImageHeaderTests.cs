using CsCheck;
using Leyden.Emulators.Pictures;
using Leyden.Outputs;

namespace Leyden.Tests.Outputs;

public sealed class ImageHeaderTests
{
    // A frame header behind an application segment with 4 bytes of content, an Exif-like one, and a padding byte.
    private const string Jpeg = "FFD8 FFE0 0006 4A464946 FFFF E1 0004 0000 FFC2 0011 08 0140 0280 03";

    [Theory]
    [InlineData("89504E470D0A1A0A 0000000D 49484452 00000400 00000300", "image/png", 1024, 768)]
    [InlineData("89504E470D0A1A0A 0000000D 49484452 00000000 00000300", "image/png", null, null)]
    [InlineData("89504E470D0A1A0A 0000000D 49484452 FFFFFFFF 00000300", "image/png", null, null)]
    [InlineData("89504E470D0A1A0A", "image/png", null, null)]
    [InlineData(Jpeg, "image/jpeg", 640, 320)]
    [InlineData("FFD8 FFE0 FFFF 00", "image/jpeg", null, null)]
    [InlineData("FFD8 FFE0 0000 FFC0", "image/jpeg", null, null)]
    [InlineData("474946383961 8002 4001", "image/gif", 640, 320)]
    [InlineData("474946383761 80", "image/gif", null, null)]
    [InlineData("52494646 00000000 57454250 56503820 00000000 000000 9D012A 8002 4001", "image/webp", 640, 320)]
    [InlineData("52494646 00000000 57454250 5650384C 00000000 2F 7FC24F00 0000000000", "image/webp", 640, 320)]
    [InlineData("52494646 00000000 57454250 56503858 00000000 00000000 7F0200 3F0100", "image/webp", 640, 320)]
    [InlineData("52494646 00000000 57454250 56503858", "image/webp", null, null)]
    public void Formats_and_sizes_are_read(string hex, string contentType, int? width, int? height)
    {
        Assert.True(ImageHeader.TryRead(Bytes(hex), out var header));
        Assert.Equal(new ImageHeader(contentType, width, height), header);
    }

    [Theory]
    [InlineData("")]
    [InlineData("89504E47")]
    [InlineData("FFD8")]
    [InlineData("3C68746D6C3E")] // <html>
    [InlineData("3C737667")] // <svg
    [InlineData("424D")] // BMP
    [InlineData("52494646 00000000 57415645 666D7420")] // a WAVE sound in RIFF
    public void Other_content_is_no_picture(string hex)
    {
        Assert.False(ImageHeader.TryRead(Bytes(hex), out _));
    }

    [Fact]
    public void Any_bytes_behind_any_beginning_are_read_without_a_fault()
    {
        string[] known = ["", "89504E470D0A1A0A", "FFD8FF", "474946383961", "52494646000000005745425056503858"];
        var beginnings = Gen.Int[0, known.Length - 1].Select(i => known[i]);
        Gen.Select(beginnings, Gen.Byte.Array[0, 200])
            .Sample(
                (beginning, rest) =>
                {
                    byte[] head = [.. Bytes(beginning), .. rest];
                    var found = ImageHeader.TryRead(head, out var header);

                    Assert.True(found || beginning.Length == 0);
                    Assert.True(header is { Width: null, Height: null } or { Width: > 0, Height: > 0 });
                }
            );
    }

    [Fact]
    public void The_size_of_a_sample_picture_is_the_one_asked_for()
    {
        Gen.Select(Gen.Int[32, 160], Gen.Int[32, 160])
            .Sample(
                (width, height) =>
                {
                    Assert.True(
                        ImageHeader.TryRead(SamplePicture.Render(width * 8, height * 8, "a", 1, 0), out var header)
                    );
                    Assert.Equal(new ImageHeader("image/png", width * 8, height * 8), header);
                },
                iter: 8
            );
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
