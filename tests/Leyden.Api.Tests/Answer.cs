using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests;

/// <summary>An answer of the API.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="ContentType">The media type of its body; null when it has none.</param>
/// <param name="Text">Its body.</param>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    /// <summary>The body as a JSON object.</summary>
    public JsonObject Json
    {
        get
        {
            Assert.Equal("application/json", ContentType);
            return Assert.IsType<JsonObject>(JsonNode.Parse(Text));
        }
    }

    /// <summary>The id in the answer to a create.</summary>
    public string Id => Json["predictionID"]!.GetValue<string>();

    /// <summary>Whether it came from an earlier request with the same key.</summary>
    public bool IsReplayed => Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true";

    /// <summary>Expects success.</summary>
    public Answer Ok()
    {
        Assert.True(Status == HttpStatusCode.OK, $"{(int)Status}: {Text}");
        return this;
    }

    /// <summary>Expects an error in the shape of the dialect.</summary>
    /// <param name="status">The status.</param>
    /// <param name="fields">All the fields that must be named as faulty, in any order.</param>
    /// <returns>The message.</returns>
    public string Error(HttpStatusCode status, params string[] fields)
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Text}");
        var named = Json["errors"]?.AsArray() ?? [];
        Assert.Equal(fields.Order(), named.Select(e => e!["field"]!.GetValue<string>()).Order());
        Assert.All(named, e => Assert.NotEmpty(e!["message"]!.GetValue<string>()));
        var message = Json["error"]!.GetValue<string>();
        Assert.NotEmpty(message);
        return message;
    }
}
