using System.Globalization;
using System.Net;
using System.Text;
using System.Web;
using System.Xml.Linq;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Leyden.Storage;

namespace Leyden.Tests.Storage;

/// <summary>Read URLs by a user delegation key: what a host with a managed identity asks Azure for, and how often.</summary>
public sealed class BlobReadUrlTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly Clock _time = new() { Now = Start };
    private readonly KeyService _service = new();
    private readonly BlobObjectStore _store;

    public BlobReadUrlTests()
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(_service) };
        var account = new Uri("https://example.blob.core.windows.net");
        _store = new BlobObjectStore(new(account, new FixedCredential(), options), "leyden", _time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _service.Dispose();
    }

    [Fact]
    public async Task A_url_reads_one_blob_over_https_until_its_moment()
    {
        var url = await UrlAsync(Start.AddHours(1));
        var query = HttpUtility.ParseQueryString(url.Query);

        Assert.Equal("https://example.blob.core.windows.net/leyden/outputs/0.png", url.GetLeftPart(UriPartial.Path));
        Assert.Equal("r", query["sp"]);
        Assert.Equal("b", query["sr"]);
        Assert.Equal("https", query["spr"]);
        Assert.Equal("2026-03-04T06:06:07Z", query["se"]);
        Assert.Equal(KeyService.ObjectId, query["skoid"]);
        Assert.NotEmpty(query["sig"]!);
    }

    [Fact]
    public async Task One_key_serves_until_it_would_end_before_a_url()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => UrlAsync(Start.AddHours(1))));
        Assert.Equal([Start.AddHours(25)], _service.AskedUntil);

        _time.Now = Start.AddHours(24);
        await UrlAsync(_time.Now.AddHours(1));
        Assert.Single(_service.AskedUntil);

        _time.Now = Start.AddHours(24.1);
        await UrlAsync(_time.Now.AddHours(1));
        Assert.Equal([Start.AddHours(25), Start.AddHours(49.1)], _service.AskedUntil);
    }

    [Fact]
    public async Task A_url_may_last_seven_days_and_no_longer()
    {
        await UrlAsync(Start.AddDays(6.99));
        await UrlAsync(Start.AddDays(7));
        Assert.Equal([Start.AddDays(7)], _service.AskedUntil);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => UrlAsync(Start.AddDays(7).AddSeconds(1)));
    }

    private async Task<Uri> UrlAsync(DateTimeOffset expiresAt) =>
        await _store.CreateReadUrlAsync(new("outputs/0.png"), expiresAt, Cancellation);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class FixedCredential : TokenCredential
    {
        private static readonly AccessToken Token = new("token", DateTimeOffset.MaxValue);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            Token;

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(Token);
    }

    /// <summary>Answers as the operation "Get User Delegation Key" of Azure, which Azurite has only with HTTPS and OAuth.</summary>
    private sealed class KeyService : HttpMessageHandler
    {
        public const string ObjectId = "11111111-1111-1111-1111-111111111111";

        public List<DateTimeOffset> AskedUntil { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            Assert.Equal("?restype=service&comp=userdelegationkey", request.RequestUri!.Query);
            var asked = XDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            var until = asked.Root!.Element("Expiry")!.Value;
            AskedUntil.Add(DateTimeOffset.Parse(until, CultureInfo.InvariantCulture));
            var answer = new XElement(
                "UserDelegationKey",
                new XElement("SignedOid", ObjectId),
                new XElement("SignedTid", "22222222-2222-2222-2222-222222222222"),
                new XElement("SignedStart", "2026-03-04T05:06:07Z"),
                new XElement("SignedExpiry", until),
                new XElement("SignedService", "b"),
                new XElement("SignedVersion", "2024-11-04"),
                new XElement("Value", Convert.ToBase64String(new byte[32]))
            );
            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(answer.ToString(), Encoding.UTF8, "application/xml"),
            };
        }
    }
}
