using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance.Areas;

/// <summary>The link in <c>output</c>, which leads to the host itself or to the store behind it.</summary>
public abstract class OutputConformance<THost>(HostPool hosts, Scoreboard scoreboard) : Suite<THost>(hosts, scoreboard)
    where THost : Host, new()
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task It_leads_to_a_whole_picture_of_the_size_that_was_asked_for_without_a_key()
    {
        var answer = (await Nobody.GetAsync(await LinkAsync(("width", 320)))).Ok();

        Assert.Equal("image/png", answer.ContentHeaders.ContentType?.MediaType);
        Assert.Equal(answer.Bytes.Length, answer.ContentHeaders.ContentLength);
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], answer.Bytes[..8]);
        Assert.Equal("IEND"u8.ToArray(), answer.Bytes[^8..^4]);
        Assert.Equal(320, BinaryPrimitives.ReadInt32BigEndian(answer.Bytes.AsSpan(16)));
        Assert.Equal(256, BinaryPrimitives.ReadInt32BigEndian(answer.Bytes.AsSpan(20)));
    }

    [Fact]
    public async Task A_head_tells_what_a_get_would()
    {
        var link = await LinkAsync();
        var whole = (await Nobody.GetAsync(link)).Ok();

        var head = (await Nobody.HeadAsync(link)).Ok();

        Assert.Empty(head.Bytes);
        Assert.Equal(whole.Bytes.Length, head.ContentHeaders.ContentLength);
        Assert.Equal(whole.ContentHeaders.ContentType, head.ContentHeaders.ContentType);
        Assert.Equal(whole.Headers.ETag, head.Headers.ETag);
    }

    [Fact]
    public async Task Parts_can_be_had()
    {
        var link = await LinkAsync();
        var picture = (await Nobody.GetAsync(link)).Ok().Bytes;

        var middle = (await Nobody.GetAsync(link, ("Range", "bytes=10-19"))).Is(HttpStatusCode.PartialContent);
        var rest = (await Nobody.GetAsync(link, ("Range", "bytes=100-"))).Is(HttpStatusCode.PartialContent);

        Assert.Equal(picture[10..20], middle.Bytes);
        Assert.Equal(picture[100..], rest.Bytes);
        Assert.Equal(new ContentRangeHeaderValue(10, 19, picture.Length), middle.ContentHeaders.ContentRange);
        var beyond = await Nobody.GetAsync(link, ("Range", $"bytes={picture.Length}-"));
        if (Differs(HostDifferences.EmptyRange) && beyond.Status == HttpStatusCode.PartialContent)
        {
            Assert.Empty(beyond.Bytes);
        }
        else
        {
            beyond.Is(HttpStatusCode.RequestedRangeNotSatisfiable);
        }
    }

    [Fact]
    public async Task What_is_known_already_is_not_sent_again()
    {
        var link = await LinkAsync();
        var etag = (await Nobody.GetAsync(link)).Ok().Headers.ETag!;

        var known = await Nobody.GetAsync(link, ("If-None-Match", etag.ToString()));
        var other = await Nobody.GetAsync(link, ("If-None-Match", "\"another\""));

        Assert.Empty(known.Is(HttpStatusCode.NotModified).Bytes);
        Assert.NotEmpty(other.Ok().Bytes);
    }

    [Fact]
    public async Task A_changed_link_is_refused()
    {
        var link = await LinkAsync();
        var secret = link.Contains('?', StringComparison.Ordinal)
            ? Value(link, "sig")
            : new Uri(link).Segments[2].TrimEnd('/');
        foreach (var at in new[] { 0, 5, 20 })
        {
            var forged = secret[..at] + (secret[at] == 'A' ? 'B' : 'A') + secret[(at + 1)..];

            var answer = await Nobody.GetAsync(link.Replace(secret, forged, StringComparison.Ordinal));

            Assert.Contains(answer.Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
        }
    }

    [Fact]
    public async Task A_link_expires_and_a_new_read_gives_one_that_works()
    {
        var prediction = await Alice.SucceededAsync(Body.Of("a cat"));
        var link = (string)prediction["output"]!;
        var left = Left(link, (await Nobody.GetAsync(link)).Ok());
        Need(left <= LongestWait, "links that expire soon: Leyden__Predictions__OutputUrlLifetime");

        await Caller.EventuallyAsync(
            async () => (await Nobody.GetAsync(link)).Status == HttpStatusCode.Forbidden,
            "the end of the link"
        );

        var fresh = (string)(await Alice.ReadAsync((string)prediction["id"]!))["output"]!;
        (await Nobody.GetAsync(fresh)).Ok();
    }

    /// <summary>How long a link works: our own says it by how long a copy is fresh, one to Blob Storage in itself.</summary>
    private static TimeSpan Left(string link, Answer answer) =>
        answer.Headers.CacheControl?.MaxAge
        ?? DateTimeOffset.Parse(Uri.UnescapeDataString(Value(link, "se")), CultureInfo.InvariantCulture)
            - answer.Headers.Date!.Value;

    private async Task<string> LinkAsync(params (string Field, JsonNode? Value)[] input) =>
        (string)(await Alice.SucceededAsync(Body.Of("a cat", input)))["output"]!;

    private static string Value(string link, string name) =>
        new Uri(link).Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).Single(p => p[0] == name)[1];
}
