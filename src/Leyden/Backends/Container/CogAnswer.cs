using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Leyden.Backends.Container;

/// <summary>What came of one request to the container.</summary>
internal abstract record CogAnswer
{
    private CogAnswer() { }

    /// <summary>An answer begins.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Content">Its body, which is yet to come.</param>
    public sealed record Received(int Status, HttpContent Content) : CogAnswer;

    /// <summary>None came in time.</summary>
    public sealed record TimedOut(TimeSpan Limit) : CogAnswer;

    /// <summary>None will come.</summary>
    /// <param name="WasSent">Whether the request may have reached the container.</param>
    /// <param name="Reason">What happened.</param>
    public sealed record Lost(bool WasSent, string Reason) : CogAnswer;

    /// <summary>Nothing was sent: there was no token for the door.</summary>
    /// <param name="Reason">Why not.</param>
    public sealed record NoToken(string Reason) : CogAnswer;
}

/// <summary>The JSON of Cog's HTTP API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CogHealth))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class CogJson : JsonSerializerContext
{
    public static byte[] Write(JsonObject body) => JsonSerializer.SerializeToUtf8Bytes(body, Default.JsonObject);

    /// <summary>Reads the answer to a question for the health; null when it is none.</summary>
    public static CogHealth? ReadHealth(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, Default.CogHealth);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The container's health.</summary>
internal sealed record CogHealth(string? Status, CogSetup? Setup, string? UserHealthcheckError);

/// <summary>The phase before the first prediction.</summary>
internal sealed record CogSetup(string? Status, string? Logs);
