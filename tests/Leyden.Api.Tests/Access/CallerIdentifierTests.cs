using CsCheck;
using Leyden.Api.Access;
using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Tests.Access;

public sealed class CallerIdentifierTests
{
    private static readonly GeneratedKey Alice = KeyGenerator.New();
    private static readonly GeneratedKey AliceNew = KeyGenerator.New();
    private static readonly GeneratedKey Bob = KeyGenerator.New();

    private readonly CallerIdentifier _identifier = Create(
        ("Alice", $"{Alice.Hash}, {AliceNew.Hash.ToUpperInvariant()}"),
        ("bob-2", Bob.Hash)
    );

    [Fact]
    public void Without_keys_everybody_is_the_local_owner()
    {
        var open = Create();

        Assert.False(open.KeysConfigured);
        Assert.Equal(new CallerIdentity.Known(Owner.Local), open.Identify(Request()));
        Assert.Equal(new CallerIdentity.Known(Owner.Local), open.Identify(Request(("X-API-Key", "anything"))));
    }

    [Theory]
    [InlineData("X-API-Key", "{0}")]
    [InlineData("x-api-key", " {0} ")]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("Authorization", "bearer   {0}")]
    [InlineData("Authorization", "Token {0}")]
    [InlineData("Authorization", "Key {0}")]
    public void A_key_tells_its_owner_in_lower_case_from_each_header(string header, string form)
    {
        Assert.True(_identifier.KeysConfigured);
        foreach (var (key, name) in new[] { (Alice.Key, "alice"), (AliceNew.Key, "alice"), (Bob.Key, "bob-2") })
        {
            var value = string.Format(null, form, key);
            Assert.Equal(new CallerIdentity.Known(new Owner(name)), _identifier.Identify(Request((header, value))));
        }
    }

    [Fact]
    public void Requests_without_a_usable_key_are_refused_with_what_is_wrong()
    {
        Assert.Equal("An API key is needed, in X-API-Key or in Authorization: Bearer.", Problem());
        Assert.Equal("The API key is not valid.", Problem(("X-API-Key", "ley_wrong")));
        Assert.Equal("The API key is not valid.", Problem(("Authorization", "Bearer " + Alice.Hash)));
        Assert.Equal("Authorization has no API key in it.", Problem(("Authorization", Alice.Key)));
        Assert.Equal("Authorization has no API key in it.", Problem(("Authorization", "Basic " + Alice.Key)));
        Assert.Equal("Authorization has no API key in it.", Problem(("Authorization", "Bearer ")));
        Assert.Equal("X-API-Key has no API key in it.", Problem(("X-API-Key", "  ")));
        Assert.Equal(
            "X-API-Key must be sent once, with at most 512 characters.",
            Problem(("X-API-Key", new string('x', 513)))
        );
        Assert.Equal(
            "Authorization must be sent once, with at most 512 characters.",
            Problem(("Authorization", "Bearer " + new string('x', 100_000)))
        );
    }

    [Fact]
    public void A_wrong_key_is_not_saved_by_a_right_one_in_another_header()
    {
        Assert.Equal(
            "The API key is not valid.",
            Problem(("X-API-Key", "ley_wrong"), ("Authorization", "Bearer " + Alice.Key))
        );
        var twice = Request();
        twice.Headers["X-API-Key"] = new(["ley_wrong", Alice.Key]);
        Assert.IsType<CallerIdentity.Unknown>(_identifier.Identify(twice));
    }

    [Fact]
    public void No_other_text_is_taken_for_a_key() =>
        Gen.Select(Gen.Int[0, Alice.Key.Length - 1], Gen.Char['!', '~'])
            .Sample(
                (position, character) =>
                {
                    var changed = Alice.Key[..position] + character + Alice.Key[(position + 1)..];
                    var identity = _identifier.Identify(Request(("X-API-Key", changed)));
                    return changed == Alice.Key == identity is CallerIdentity.Known;
                }
            );

    [Fact]
    public void Generated_keys_differ_and_carry_their_hash()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => KeyGenerator.New()).ToList();

        Assert.Equal(100, keys.Select(key => key.Key).Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^ley_[A-Za-z0-9_-]{43}$", key.Key));
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{64}$", key.Hash));
        // printf %s ley_example | sha256sum
        Assert.Equal(
            new CallerIdentity.Known(new Owner("example")),
            Create(("example", "10ac7327f22d27341e4ab66e4f7bb8bea6f41bdf4e97c92edb6176e76a830475"))
                .Identify(Request(("X-API-Key", "ley_example")))
        );
    }

    private string Problem(params (string Name, string Value)[] headers) =>
        Assert.IsType<CallerIdentity.Unknown>(_identifier.Identify(Request(headers))).Problem;

    private static CallerIdentifier Create(params (string Name, string Hash)[] keys)
    {
        var options = new AccessOptions();
        foreach (var (name, hash) in keys)
        {
            options.Hashes[name] = hash;
        }

        return new CallerIdentifier(Options.Create(options));
    }

    private static HttpRequest Request(params (string Name, string Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        foreach (var (name, value) in headers)
        {
            request.Headers[name] = value;
        }

        return request;
    }
}
