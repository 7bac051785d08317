using System.Security.Cryptography;
using Leyden.Backends;
using Leyden.Emulators.Eachlabs;
using Leyden.Emulators.Pictures;
using Leyden.Outputs;
using Leyden.Predictions;
using Leyden.Tests.Backends.Eachlabs;
using Leyden.Tests.Net;

namespace Leyden.Tests.Outputs;

public sealed class OutputFetcherTests
{
    [Fact]
    public async Task A_picture_is_stored_with_its_measures()
    {
        await using var emulator = await StartAsync();
        await using var driver = new OutputsDriver();
        var url = await OutputOfAsync(emulator, "a test");

        var output = Assert.IsType<FetchOutcome.Stored>(await driver.FetchAsync(url)).Output;

        var (content, contentType) = (await driver.ReadAsync())!.Value;
        Assert.Equal((OutputsDriver.Target, "image/png", "image/png"), (output.Key, output.ContentType, contentType));
        Assert.Equal((256, 256, content.Length), (output.Width, output.Height, output.Length));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), output.Sha256);
        Assert.Equal(SamplePicture.Render(256, 256, "a test", uint.MaxValue, 0), content);
    }

    [Fact]
    public async Task A_data_url_is_stored_alike()
    {
        await using var emulator = await StartAsync();
        await using var driver = new OutputsDriver();
        var url = await OutputOfAsync(emulator, EachlabsFaults.Marker(EachlabsFault.OutputData));

        var output = Assert.IsType<FetchOutcome.Stored>(await driver.FetchAsync(url)).Output;

        Assert.Equal("data", url.Scheme);
        Assert.Equal(output.Length, (await driver.ReadAsync())!.Value.Content.Length);
        Assert.Equal(("image/png", 256, 256), (output.ContentType, output.Width, output.Height));
    }

    [Fact]
    public async Task A_repeat_stores_the_same_again()
    {
        await using var emulator = await StartAsync();
        await using var driver = new OutputsDriver();
        var url = await OutputOfAsync(emulator, "a test");

        Assert.Equal(await driver.FetchAsync(url), await driver.FetchAsync(url));
    }

    [Theory]
    [InlineData(EachlabsFault.OutputNotFound, "answered 404")]
    [InlineData(EachlabsFault.OutputServerError, "answered 500")]
    [InlineData(EachlabsFault.OutputTruncated, "")]
    [InlineData(EachlabsFault.OutputEndless, "longer than 2 s")]
    public async Task What_may_pass_is_unavailable(EachlabsFault fault, string reason)
    {
        await using var emulator = await StartAsync();
        await using var driver = new OutputsDriver(("Leyden:Outputs:Timeout", "00:00:02"));
        var url = await OutputOfAsync(emulator, EachlabsFaults.Marker(fault));

        var unavailable = Assert.IsType<FetchOutcome.Unavailable>(await driver.FetchAsync(url));

        AssertFailure(unavailable.Failure, reason);
        Assert.Null(await driver.ReadAsync());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task A_download_that_ends_too_early_is_unavailable(int length)
    {
        var picture = SamplePicture.Render(512, 512, "a test", 1, 0);
        await using var server = new RawServer(async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {picture.Length}\r\n\r\n");
            await exchange.Socket.SendAsync(picture.AsMemory(0, length), exchange.Stop);
            exchange.Close();
        });
        await using var driver = new OutputsDriver();

        var unavailable = Assert.IsType<FetchOutcome.Unavailable>(await driver.FetchAsync(server.BaseUrl));

        AssertFailure(unavailable.Failure, "broke off");
        Assert.Null(await driver.ReadAsync());
    }

    [Theory]
    [InlineData(EachlabsFault.OutputHuge, "more than 31457280 bytes")]
    [InlineData(EachlabsFault.OutputHugeChunked, "more than 31457280 bytes")]
    [InlineData(EachlabsFault.OutputHtml, "no PNG, JPEG, WebP or GIF")]
    [InlineData(EachlabsFault.OutputRedirect, "redirects elsewhere")]
    [InlineData(EachlabsFault.OutputPrivateAddress, "not on the public internet")]
    public async Task What_will_not_change_is_refused(EachlabsFault fault, string reason)
    {
        await using var emulator = await StartAsync();
        await using var driver = new OutputsDriver();
        var url = await OutputOfAsync(emulator, EachlabsFaults.Marker(fault));

        var refused = Assert.IsType<FetchOutcome.Refused>(await driver.FetchAsync(url));

        AssertFailure(refused.Failure, reason);
        Assert.Null(await driver.ReadAsync());
    }

    [Fact]
    public async Task Loopback_is_refused_unless_allowed()
    {
        await using var server = RawServer.Answering(200, "");
        await using var driver = new OutputsDriver(("Leyden:AllowLoopback", "false"));

        var refused = Assert.IsType<FetchOutcome.Refused>(await driver.FetchAsync(server.BaseUrl));

        AssertFailure(refused.Failure, "not on the public internet");
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://a.example/1.png")]
    [InlineData("relative.png")]
    [InlineData("data:image/png,plain")]
    [InlineData("data:image/png;base64,")]
    [InlineData("data:image/png;base64,!!!!")]
    [InlineData("data:image/png;base64,iVBORw0KGgo")] // one character short of a group
    [InlineData("data:text/html;base64,PGgxPkhlbGxvPC9oMT4=")]
    public async Task Sources_that_can_give_no_picture_are_refused(string source)
    {
        await using var driver = new OutputsDriver();

        Assert.IsType<FetchOutcome.Refused>(await driver.FetchAsync(new Uri(source, UriKind.RelativeOrAbsolute)));
        Assert.Null(await driver.ReadAsync());
    }

    [Fact]
    public async Task A_data_url_that_goes_wrong_behind_its_head_stores_nothing()
    {
        await using var driver = new OutputsDriver();
        var picture = Convert.ToBase64String(SamplePicture.Render(512, 512, "a test", 1, 0));

        var outcome = await driver.FetchAsync(new Uri($"data:image/png;base64,{picture[..^8]}????????"));

        Assert.IsType<FetchOutcome.Refused>(outcome);
        Assert.Null(await driver.ReadAsync());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public async Task The_limit_is_exact(int spare, bool stored)
    {
        var picture = SamplePicture.Render(512, 512, "a test", 1, 0);
        await using var driver = new OutputsDriver(("Leyden:Outputs:MaxBytes", $"{picture.Length + spare}"));

        var outcome = await driver.FetchAsync(new Uri($"data:;base64,{Convert.ToBase64String(picture)}"));

        Assert.Equal(stored, outcome is FetchOutcome.Stored);
        Assert.Equal(stored ? picture : null, (await driver.ReadAsync())?.Content);
    }

    [Fact]
    public async Task A_url_in_a_failure_is_told_without_its_query()
    {
        var server = RawServer.Answering(200, "");
        await server.DisposeAsync();
        await using var driver = new OutputsDriver();

        var outcome = await driver.FetchAsync(new Uri(server.BaseUrl, "/1.png?sig=secret"));

        var unavailable = Assert.IsType<FetchOutcome.Unavailable>(outcome);
        Assert.DoesNotContain("secret", unavailable.ToString(), StringComparison.Ordinal);
    }

    private static void AssertFailure(PredictionFailure failure, string reason)
    {
        Assert.Equal(FailureCodes.OutputUnavailable, failure.Code);
        Assert.False(failure.Retryable);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static Task<EachlabsEmulator> StartAsync() =>
        EachlabsEmulator.StartAsync(
            new() { RunTime = TimeSpan.FromMilliseconds(10), QueueTime = TimeSpan.Zero },
            TestContext.Current.CancellationToken
        );

    private static async Task<Uri> OutputOfAsync(EachlabsEmulator emulator, string prompt)
    {
        await using var driver = new EachlabsDriver(emulator.BaseUrl);
        var id = await driver.AcceptAsync(EachlabsDriver.Request(prompt));
        return (await driver.ObserveUntilAsync<ObserveOutcome.Succeeded>(id)).Outputs[0];
    }
}
