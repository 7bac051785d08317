using System.Security.Cryptography;
using Leyden.Conformance.Hosts;

namespace Leyden.Conformance;

/// <summary>Bodies of creates.</summary>
internal static class Body
{
    public const string Model = "sdxl-lightning-4step";

    /// <summary>A word that nobody has used before: hosts outlive a run of the suite.</summary>
    public static string Unique => RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>A small picture, quickly drawn, with a prompt of its own.</summary>
    public static JsonObject Of(string prompt, params (string Field, JsonNode? Value)[] input) =>
        Exactly($"{prompt} {Unique}", input);

    /// <summary>The same with this very prompt.</summary>
    public static JsonObject Exactly(string prompt, params (string Field, JsonNode? Value)[] input)
    {
        var fields = new JsonObject
        {
            ["prompt"] = prompt,
            ["width"] = 256,
            ["height"] = 256,
        };
        foreach (var (field, value) in input)
        {
            fields[field] = value;
        }

        return new JsonObject { ["model"] = Model, ["input"] = fields };
    }

    /// <summary>The same with its end told to an address.</summary>
    public static JsonObject To(Inbox inbox, string prompt, params (string Member, JsonNode? Value)[] members) =>
        With(Of(prompt), [("webhook_url", inbox.Url), .. members]);

    /// <summary>A copy of a body with more members.</summary>
    public static JsonObject With(JsonObject body, params (string Member, JsonNode? Value)[] members)
    {
        var copy = body.DeepClone().AsObject();
        foreach (var (member, value) in members)
        {
            copy[member] = value;
        }

        return copy;
    }
}
