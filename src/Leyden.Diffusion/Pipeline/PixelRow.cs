using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Leyden.Diffusion;

/// <summary>Pixels as the decoder gives them, −1…1 and each colour by itself, to bytes with the colours side by side.</summary>
internal static class PixelRow
{
    /// <summary>Four pixels of four bytes each to four of three.</summary>
    private static readonly Vector128<byte> WithoutFourth = Vector128.Create(
        (byte)0,
        1,
        2,
        4,
        5,
        6,
        8,
        9,
        10,
        12,
        13,
        14,
        3,
        7,
        11,
        15
    );

    /// <summary>x/2 + 1/2, limited to 0…1, times 255, to the nearest whole number and ties to even.</summary>
    /// <param name="red">A row of one colour.</param>
    /// <param name="green">As many of the next.</param>
    /// <param name="blue">As many of the last.</param>
    /// <param name="rgb">Three bytes a pixel.</param>
    /// <returns>Whether all values were numbers; the bytes mean nothing otherwise.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // the first picture should not wait for the second compilation
    public static bool TryToBytes(
        ReadOnlySpan<float> red,
        ReadOnlySpan<float> green,
        ReadOnlySpan<float> blue,
        Span<byte> rgb
    )
    {
        var (count, numbers) = (red.Length, Vector128<float>.AllBitsSet);
        ref var r = ref MemoryMarshal.GetReference(red);
        ref var g = ref MemoryMarshal.GetReference(green[..count]);
        ref var b = ref MemoryMarshal.GetReference(blue[..count]);
        ref var target = ref MemoryMarshal.GetReference(rgb[..(3 * count)]);
        var i = 0;
        // Sixteen bytes are written of which twelve count, so the last pixels are left to the slow way.
        for (; 3 * i + Vector128<byte>.Count <= 3 * count; i += Vector128<float>.Count)
        {
            var (x, y, z) = (
                Vector128.LoadUnsafe(ref r, (nuint)i),
                Vector128.LoadUnsafe(ref g, (nuint)i),
                Vector128.LoadUnsafe(ref b, (nuint)i)
            );
            numbers &= Vector128.Equals(x, x) & Vector128.Equals(y, y) & Vector128.Equals(z, z);
            var pixels = Whole(x) | (Whole(y) << 8) | (Whole(z) << 16);
            Vector128.Shuffle(pixels.AsByte(), WithoutFourth).StoreUnsafe(ref target, (nuint)(3 * i));
        }

        for (; i < count; i++)
        {
            var pixel = Vector128.Create(red[i], green[i], blue[i], 0);
            numbers &= Vector128.Equals(pixel, pixel);
            var whole = Whole(pixel);
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)whole[0], (byte)whole[1], (byte)whole[2]);
        }

        return Vector128.EqualsAll(numbers.AsInt32(), Vector128<int>.AllBitsSet);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Whole(Vector128<float> value)
    {
        var half = Vector128.Create(0.5f);
        var share = Vector128.Clamp(value * half + half, Vector128<float>.Zero, Vector128<float>.One);
        return Vector128.ConvertToInt32(Vector128.Round(share * Vector128.Create(255f)));
    }
}
