using CsCheck;

namespace Leyden.Diffusion.Tests.Pipeline;

public sealed class PixelRowTests
{
    [Fact]
    public void Every_value_becomes_its_byte_in_every_place()
    {
        Gen.Int[1, 40]
            .SelectMany(n =>
                Gen.Select(Gen.Float[-3, 3].Array[n], Gen.Float[-3, 3].Array[n], Gen.Float[-3, 3].Array[n])
            )
            .Sample(
                (red, green, blue) =>
                {
                    // A byte before and after that must stay as they are.
                    var bytes = Enumerable.Repeat((byte)77, 3 * red.Length + 2).ToArray();

                    Assert.True(PixelRow.TryToBytes(red, green, blue, bytes.AsSpan(1, 3 * red.Length)));

                    Assert.Equal((77, 77), (bytes[0], bytes[^1]));
                    Assert.Equal(
                        red.Zip(green, blue).SelectMany(p => new[] { p.First, p.Second, p.Third }).Select(Expected),
                        bytes[1..^1]
                    );
                },
                iter: 2000
            );
    }

    [Theory]
    [InlineData(-1f, 0)]
    [InlineData(1f, 255)]
    [InlineData(0f, 128)] // 127.5 goes to the even number
    [InlineData(-0.0039216f, 127)]
    [InlineData(float.PositiveInfinity, 255)]
    [InlineData(float.NegativeInfinity, 0)]
    public void Limits_and_ties_are_those_of_the_reference(float value, byte expected)
    {
        var bytes = new byte[3];

        Assert.True(PixelRow.TryToBytes([value], [value], [value], bytes));

        Assert.Equal([expected, expected, expected], bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(20)]
    public void What_is_not_a_number_is_a_fault_in_any_place(int place)
    {
        var values = new float[21];
        values[place] = float.NaN;

        Assert.False(PixelRow.TryToBytes(new float[21], values, new float[21], new byte[63]));
    }

    private static byte Expected(float value) =>
        (byte)MathF.Round(Math.Clamp(value * 0.5f + 0.5f, 0f, 1f) * 255f, MidpointRounding.ToEven);
}
