using CsCheck;
using Leyden.Emulators.Pictures;
using Leyden.Outputs;

namespace Leyden.Tests.Outputs;

public sealed class DataUrlTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(12_288)]
    [InlineData(12_289)]
    [InlineData(500_000)]
    public async Task Content_of_any_length_comes_out_as_it_went_in(int extra)
    {
        await using var driver = new OutputsDriver();
        byte[] content = [.. SamplePicture.Render(256, 256, "a", 1, 0), .. new byte[extra]];

        var outcome = await driver.FetchAsync(new Uri($"data:image/png;base64,{Convert.ToBase64String(content)}"));

        Assert.IsType<FetchOutcome.Stored>(outcome);
        Assert.Equal(content, (await driver.ReadAsync())!.Value.Content);
    }

    [Fact]
    public async Task Percent_encoding_and_parameters_and_letter_case_do_not_matter()
    {
        await using var driver = new OutputsDriver();
        var content = SamplePicture.Render(256, 256, "a", 1, 0);
        var encoded = Uri.EscapeDataString(Convert.ToBase64String(content));

        var outcome = await driver.FetchAsync(new Uri($"DATA:image/png;name=a;BASE64,{encoded}"));

        Assert.Contains("%2B", encoded, StringComparison.Ordinal);
        Assert.IsType<FetchOutcome.Stored>(outcome);
        Assert.Equal(content, (await driver.ReadAsync())!.Value.Content);
    }

    [Fact]
    public async Task Whatever_follows_the_scheme_is_an_outcome_and_no_exception()
    {
        await Gen.String[Gen.Char[' ', '~'], 0, 60]
            .SampleAsync(
                async text =>
                {
                    await using var driver = new OutputsDriver();
                    if (Uri.TryCreate("data:image/png;base64," + text, UriKind.Absolute, out var url))
                    {
                        Assert.IsType<FetchOutcome.Refused>(await driver.FetchAsync(url));
                    }
                },
                iter: 20
            );
    }
}
