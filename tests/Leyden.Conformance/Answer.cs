using System.Net.Http.Headers;
using System.Text;

namespace Leyden.Conformance;

/// <summary>An answer of a host.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="ContentHeaders">The headers of its body.</param>
/// <param name="Bytes">Its body.</param>
public sealed record Answer(
    HttpStatusCode Status,
    HttpResponseHeaders Headers,
    HttpContentHeaders ContentHeaders,
    byte[] Bytes
)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>The body as a JSON object.</summary>
    public JsonObject Json
    {
        get
        {
            Assert.Equal("application/json", ContentHeaders.ContentType?.MediaType);
            return Assert.IsType<JsonObject>(JsonNode.Parse(Text));
        }
    }

    /// <summary>The id in the answer to a create.</summary>
    public string Id => (string)Json["predictionID"]!;

    /// <summary>Whether it came from an earlier request with the same key.</summary>
    public bool IsReplayed => Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true";

    /// <summary>Expects a status.</summary>
    public Answer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Text}");
        return this;
    }

    /// <summary>Expects success.</summary>
    public Answer Ok() => Is(HttpStatusCode.OK);

    /// <summary>Expects an error in the shape of the dialect.</summary>
    /// <param name="status">The status.</param>
    /// <param name="fields">All the fields that must be named as faulty, in any order.</param>
    /// <returns>The message.</returns>
    public string Error(HttpStatusCode status, params string[] fields)
    {
        Is(status);
        var named = Json["errors"]?.AsArray() ?? [];
        Assert.Equal(
            fields.Order(StringComparer.Ordinal),
            named.Select(e => (string)e!["field"]!).Order(StringComparer.Ordinal)
        );
        Assert.All(named, e => Assert.NotEmpty((string)e!["message"]!));
        var message = (string)Json["error"]!;
        Assert.NotEmpty(message);
        return message;
    }
}
