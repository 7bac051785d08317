using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Backends.Eachlabs;

/// <summary>The body of a create.</summary>
internal static class EachlabsInput
{
    /// <summary>Composes the body. The input of SDXL-Lightning goes out as strings, as in the API's own example.</summary>
    public static JsonObject Compose(BackendRequest request)
    {
        var body = new JsonObject { ["model"] = request.Model };
        if (request.Version is { } version)
        {
            body["version"] = version;
        }

        body["input"] =
            request.Model == SdxlLightningInput.Model ? WithStrings(request.Input) : request.Input.DeepClone();
        if (request.Callback is { } callback)
        {
            body["webhook_url"] = callback.AbsoluteUri;
        }

        return body;
    }

    private static JsonObject WithStrings(JsonObject input)
    {
        var strings = new JsonObject();
        foreach (var (name, value) in input)
        {
            strings[name] = value?.GetValueKind() switch
            {
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
                _ => value?.DeepClone(),
            };
        }

        return strings;
    }
}
