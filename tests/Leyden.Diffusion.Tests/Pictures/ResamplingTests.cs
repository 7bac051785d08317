namespace Leyden.Diffusion.Tests.Pictures;

/// <summary>
/// Against Pillow 9.4: pictures of (7x + 13y + 29c + xy) mod 256 for column x, row y and colour c, by
/// <c>Image.resize((width, height), resample)</c>; the hex strings are the result's <c>tobytes()</c>.
/// </summary>
public sealed class ResamplingTests
{
    [Theory]
    [InlineData(
        37,
        23,
        8,
        6,
        3,
        "24415d4966867698b6a4b2aeab9f8a8f78687667617366775a789997b6c3b7a48374564c586077788a94939085887e7e9db9c7b787625045596e90aba397977d6c6577778282888dbd9d7455425c83a5ada1886a5f62758b949e7f7b7c787e82724c487091a4ad7b5f616c829c9b8d756f71818a9081857a485f82a4a18a6563709795896a63718f928d717279868882"
    )]
    [InlineData(
        37,
        23,
        8,
        6,
        2,
        "2b4865506d8a7895ae9da9a7a49b8b917c6b7a6963716676607d9a92aab5aa9c8577625b636778798790908e85897e7c9aafb9a9856c5f5865738a9d998f927d716d79788182888eb1967663546682979d9685716b6c7a888e977e7c7d787d82765753748a97a07b686c738193918878747881898d81847a50627d9a9a8a6d6a73908f85706b768c8c8872757c868780"
    )]
    [InlineData(
        5,
        4,
        9,
        7,
        3,
        "001b38011e3b05223f0926430d2a47112e4b15324f1936531c3956031f3c05223f0a27440e2b48122f4c1633501a37541e3b58213e5b0b28450e2b4813304d1835521c3956203d5a25425f2a47642d4a6712304d1633501b3855203d5a25425f2946632e4b6834516e3754711a37541d3a5723405d2845622d4a67324f6c3754713d5a77405d7a23405d2643602c4966314e6b3754713d5a77425f7c4966834c69862744612a4764314e6b3653703c5976425f7c4764814e6b88516e8b"
    )]
    [InlineData(
        5,
        4,
        9,
        7,
        2,
        "001d3a021f3c0623400a27440e2b48122f4c1633501a37541c395605223f0724410b28450f2c4913304d1734511c3956203d5a223f5c0c29460f2c4913304d1835521c3956203d5a25425f2946632c496614314e1734511b3855203d5a25425f2946632e4b6833506d3653701b38551e3b5823405d2845622d4a67324f6c3754713c59763f5c79223f5c25425f2b4865304d6a3653703b5875405d7a4663804966832744612a4764304d6a35526f3b5875415e7b4663804c69864f6c89"
    )]
    [InlineData(
        16,
        9,
        16,
        4,
        3,
        "092643112e4b183552203d5a2845622f4c693754713f5c794663804e6b885673905d7a9765829f6d8aa77492b67c99be25425f2f4c69385572425f7c4c6986567390607d9a6a87a47390af7d9ab987a5cb91afd49cc1daa6cbe4b8d1afc2dbb943607d4f6c895c79966885a27491ae809dba8ca9c698b5dba5c2d8b1d6e4bdd3a0d1dfaccf9c49dba855974422a3502e5f7c996d8aa77c99b68aa7c498b5d2a7c4e1b5d2efc3e097d2ef33e09741ee321e96412c321d3d402c4c1d3d612b4b70"
    )]
    [InlineData(64, 64, 3, 3, 3, "808083807f81808082807f827e81817e7d807f7f827f7f7f807d7e")]
    public void Pictures_are_scaled_as_Pillow_does(
        int width,
        int height,
        int toWidth,
        int toHeight,
        int filter,
        string hex
    )
    {
        var source = new byte[3 * width * height];
        for (var i = 0; i < source.Length; i++)
        {
            var (x, y, c) = (i / 3 % width, i / 3 / width, i % 3);
            source[i] = (byte)(7 * x + 13 * y + 29 * c + x * y);
        }

        var scaled = Resampling.Resize(new RgbImage(width, height, source), toWidth, toHeight, (ResampleFilter)filter);

        Assert.Equal((toWidth, toHeight), (scaled.Width, scaled.Height));
        // Pillow weighs in whole numbers of 22 bits.
        Assert.All(scaled.Rgb.Zip(Convert.FromHexString(hex)), p => Assert.InRange(p.First - p.Second, -1, 1));
        Assert.True(
            scaled.Rgb.Zip(Convert.FromHexString(hex)).Count(p => p.First == p.Second) >= scaled.Rgb.Length * 0.99
        );
    }
}
