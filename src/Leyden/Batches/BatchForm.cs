using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Batches;

/// <summary>
/// The form in which batches are asked for in one JSON document: <c>{"model": …, "input": {what all items have}, "prompts": ["…"]}</c>, with
/// <c>"items": [{"prompt": "…", "seed": 7}]</c> where items differ by more than the prompt, or an array of items alone.
/// </summary>
public static class BatchForm
{
    private const string Prompts = "prompts";
    private const string Items = "items";

    /// <summary>Reads a document.</summary>
    /// <param name="root">An object or an array.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="others">Fields that the object may have beside its own; whoever names them reads them.</param>
    /// <returns>A line for each item, made when it is asked for; faults of the whole come first, in a line of their own.</returns>
    public static IEnumerable<BatchLine> Read(JsonElement root, Owner owner, params IReadOnlyList<string> others)
    {
        switch (root.ValueKind)
        {
            case JsonValueKind.Array:
                return ReadItems(root, "", Defaults.Of(owner));
            case JsonValueKind.Object:
                return ReadObject(root, owner, others);
            default:
                return
                [
                    BatchLine.Unreadable(
                        "",
                        Prompts,
                        "A batch is a JSON object with prompts or items, or an array of items."
                    ),
                ];
        }
    }

    /// <summary>Reads one item: a prompt, a model's input, or a whole create form (what has an <c>input</c>).</summary>
    /// <param name="element">The item.</param>
    /// <param name="place">Where it is, in the caller's terms.</param>
    /// <param name="owner">Who asks.</param>
    public static BatchLine ReadItem(JsonElement element, string place, Owner owner) =>
        ReadItem(element, place, Defaults.Of(owner));

    private static IEnumerable<BatchLine> ReadObject(JsonElement root, Owner owner, IReadOnlyList<string> others)
    {
        var errors = new List<InputError>();
        var form = new JsonObject();
        foreach (var member in root.EnumerateObject().Where(m => m.Name is not (Prompts or Items)))
        {
            form[member.Name] = StrictJson.ToNode(member.Value, out var error);
            if (error is not null)
            {
                errors.Add(error.Named($"{member.Name}{error.Field}"));
            }
        }

        form["model"] ??= SdxlLightningInput.Model;
        form["input"] ??= new JsonObject();
        var request = CreateForm.Read(form, owner, errors, others);
        string[] lists = [Prompts, Items];
        var given = lists.Where(name => root.TryGetProperty(name, out _)).ToList();
        if (given.Count != 1 || root.GetProperty(given[0]).ValueKind != JsonValueKind.Array)
        {
            errors.Add(
                new InputError(
                    Prompts,
                    $"A batch has either {Prompts} (an array of texts) or {Items} (an array of inputs)."
                )
            );
        }

        if (errors.Count > 0)
        {
            return [new BatchLine("", null, errors)];
        }

        var defaults = new Defaults(request);
        return ReadItems(root.GetProperty(given[0]), given[0], defaults);
    }

    private static IEnumerable<BatchLine> ReadItems(JsonElement array, string name, Defaults defaults) =>
        array.EnumerateArray().Select((element, i) => ReadItem(element, $"{name}[{i}]", defaults));

    private static BatchLine ReadItem(JsonElement element, string place, Defaults defaults)
    {
        var node = StrictJson.ToNode(element, out var error);
        if (error is not null)
        {
            return new BatchLine(place, null, [error]);
        }

        return node switch
        {
            JsonObject form when form["input"] is JsonObject => ReadCreateForm(form, place, defaults),
            JsonObject input => new BatchLine(place, defaults.With(input), []),
            JsonValue prompt when prompt.GetValueKind() == JsonValueKind.String => new BatchLine(
                place,
                defaults.With(new JsonObject { ["prompt"] = prompt.DeepClone() }),
                []
            ),
            _ => BatchLine.Unreadable(
                place,
                "",
                "an item must be a prompt, an object with the model's inputs, or a create form."
            ),
        };
    }

    private static BatchLine ReadCreateForm(JsonObject form, string place, Defaults defaults)
    {
        var errors = new List<InputError>();
        form["model"] ??= defaults.Request.Model;
        var request = CreateForm.Read(form, defaults.Request.Owner, errors);
        return new BatchLine(place, errors.Count > 0 ? null : defaults.With(request), errors);
    }

    /// <summary>What all items have unless they say otherwise.</summary>
    private sealed record Defaults(PredictionRequest Request)
    {
        public static Defaults Of(Owner owner) =>
            new(
                new PredictionRequest
                {
                    Owner = owner,
                    Model = SdxlLightningInput.Model,
                    Input = [],
                }
            );

        public PredictionRequest With(JsonObject input) => Request with { Input = Merge(input) };

        public PredictionRequest With(PredictionRequest own) =>
            own with
            {
                Input = Merge(own.Input),
                Version = own.Version ?? Request.Version,
                Backend = own.Backend ?? Request.Backend,
                Webhook = own.Webhook ?? Request.Webhook,
            };

        private JsonObject Merge(JsonObject own)
        {
            var merged = (JsonObject)Request.Input.DeepClone();
            foreach (var (name, value) in own)
            {
                merged[name] = value?.DeepClone();
            }

            return merged;
        }
    }
}
