namespace Leyden.Diffusion.Tests;

public sealed class RgbImageTests
{
    [Fact]
    public void Pixels_that_do_not_fit_the_size_are_refused()
    {
        var fault = Assert.Throws<ArgumentException>(() => new RgbImage(3, 2, new byte[17]));

        Assert.Contains("3 x 2 pixels have 18 bytes, not 17", fault.Message, StringComparison.Ordinal);
    }
}
