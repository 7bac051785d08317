using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Leyden.Diffusion;

/// <summary>Pixels as the decoder gives them, −1…1, to bytes.</summary>
internal static class PixelRow
{
    /// <summary>x/2 + 1/2, limited to 0…1, times 255, to the nearest whole number and ties to even. The values are changed.</summary>
    /// <param name="red">A row of one colour.</param>
    /// <param name="green">As many of the next.</param>
    /// <param name="blue">As many of the last.</param>
    /// <param name="rgb">Three bytes a pixel.</param>
    /// <exception cref="InvalidOperationException">A value is not a number.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // the first picture should not wait for the second compilation
    public static void ToBytes(Span<float> red, Span<float> green, Span<float> blue, Span<byte> rgb)
    {
        ToWhole(red);
        ToWhole(green);
        ToWhole(blue);
        var (r, g, b) = (0, 0, 0);
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            rgb[i] = (byte)red[r++];
            rgb[i + 1] = (byte)green[g++];
            rgb[i + 2] = (byte)blue[b++];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToWhole(Span<float> values)
    {
        ref var start = ref MemoryMarshal.GetReference(values);
        var i = 0;
        var numbers = Vector128<float>.AllBitsSet;
        for (; i <= values.Length - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            var value = Vector128.LoadUnsafe(ref start, (nuint)i);
            numbers &= Vector128.Equals(value, value);
            Whole(value).StoreUnsafe(ref start, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            numbers &= Vector128.Equals(Vector128.Create(values[i]), Vector128.Create(values[i]));
            values[i] = Whole(Vector128.Create(values[i]))[0];
        }

        if (!Vector128.EqualsAll(numbers.AsInt32(), Vector128<int>.AllBitsSet))
        {
            throw new InvalidOperationException(
                "The model's decoder answered with what is not a number. A float16 decoder of SDXL overflows so unless it was "
                    + "made for float16; use one of float32, or one with the fix."
            );
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Whole(Vector128<float> value)
    {
        var half = Vector128.Create(0.5f);
        var share = Vector128.Clamp(value * half + half, Vector128<float>.Zero, Vector128<float>.One);
        return Vector128.Round(share * Vector128.Create(255f));
    }
}
