using System.Security.Cryptography;
using CsCheck;
using Leyden.Api.Outputs;
using Leyden.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Leyden.Api.Tests.Outputs;

public sealed class OutputUrlSignerTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly ObjectKey Key = new("outputs/alice/01jx/0.png");

    private static readonly Gen<ObjectKey> Keys = Gen.String[Gen.Char["abcxyzABC019_-"], 1, 30]
        .List[1, 5]
        .Select(segments => new ObjectKey(string.Join('/', segments)));

    private readonly FakeTimeProvider _time = new(Start);
    private readonly OutputUrlSigner _signer;

    public OutputUrlSignerTests() => _signer = new OutputUrlSigner(RandomNumberGenerator.GetBytes(32), _time);

    [Fact]
    public void A_url_grants_what_it_was_signed_for() =>
        Gen.Select(Keys, Gen.Long[1, 10_000_000_000])
            .Sample(
                (key, milliseconds) =>
                {
                    var url = _signer.Sign(key, Start.AddMilliseconds(milliseconds));
                    var (token, fileName) = Parts(url);
                    Assert.False(url.IsAbsoluteUri);
                    Assert.Equal(key.Value.Split('/')[^1], fileName);
                    Assert.Equal(
                        new OutputAccess.Granted(key, TimeSpan.FromMilliseconds(milliseconds)),
                        _signer.Check(token, fileName)
                    );
                },
                threads: 1
            );

    [Fact]
    public void A_url_expires_at_its_moment()
    {
        var (token, fileName) = Parts(_signer.Sign(Key, Start.AddSeconds(10)));

        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.IsType<OutputAccess.Granted>(_signer.Check(token, fileName));
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.IsType<OutputAccess.Expired>(_signer.Check(token, fileName));
        _time.Advance(TimeSpan.FromDays(10_000));
        Assert.IsType<OutputAccess.Expired>(_signer.Check(token, fileName));
    }

    [Fact]
    public void A_token_with_one_changed_character_is_forged()
    {
        var (token, fileName) = Parts(_signer.Sign(Key, Start.AddDays(1)));
        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char[Alphabet])
            .Where((position, character) => token[position] != character)
            .Sample(
                (position, character) =>
                    _signer.Check(token[..position] + character + token[(position + 1)..], fileName)
                    is OutputAccess.Forged
            );
    }

    [Fact]
    public void A_token_cut_or_drawn_out_is_forged()
    {
        var (token, fileName) = Parts(_signer.Sign(Key, Start.AddDays(1)));
        for (var length = 0; length < token.Length; length++)
        {
            Assert.IsType<OutputAccess.Forged>(_signer.Check(token[..length], fileName));
        }

        foreach (var addition in new[] { "A", "AA", "AAAA", "=", "==", " ", "\n" })
        {
            Assert.IsType<OutputAccess.Forged>(_signer.Check(token + addition, fileName));
            Assert.IsType<OutputAccess.Forged>(_signer.Check(addition + token, fileName));
        }
    }

    [Fact]
    public void Nothing_made_up_is_a_token() =>
        Gen.OneOf(Gen.String[Gen.Char[Alphabet], 0, 200], Gen.String, Gen.String[Gen.Char[Alphabet], 1000, 2000])
            .Sample(text => _signer.Check(text, "0.png") is OutputAccess.Forged);

    [Fact]
    public void The_token_of_one_object_does_not_open_another_nor_another_deployment()
    {
        var (token, fileName) = Parts(_signer.Sign(Key, Start.AddDays(1)));
        var other = new OutputUrlSigner(RandomNumberGenerator.GetBytes(32), _time);

        Assert.IsType<OutputAccess.Forged>(other.Check(token, fileName));
        Assert.IsType<OutputAccess.Forged>(_signer.Check(token, "1.png"));
        Assert.IsType<OutputAccess.Forged>(_signer.Check(token, ""));
        Assert.IsType<OutputAccess.Forged>(_signer.Check(token, "../0.png"));
    }

    [Fact]
    public void A_short_secret_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputUrlSigner(new byte[31], _time));

    private static (string Token, string FileName) Parts(Uri url)
    {
        var parts = url.OriginalString.Split('/');
        Assert.Equal(4, parts.Length);
        Assert.Equal("outputs", parts[1]);
        return (parts[2], parts[3]);
    }
}
