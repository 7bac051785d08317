using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Notifications;

namespace Leyden.Predictions;

/// <summary>
/// The form in which predictions are asked for, in request bodies, lines of batches and queue messages alike:
/// <c>{"model": …, "version": …, "input": {…}, "backend": …, "webhook_url": …}</c>.
/// </summary>
public static class CreateForm
{
    private const int MaxTextLength = 200;
    private static readonly string[] Known = ["model", "version", "input", "backend", .. WebhookForm.Fields];

    /// <summary>Reads what is asked for, as far as it can be understood.</summary>
    /// <param name="form">The form. Its texts are valid Unicode (<see cref="StrictJson"/>).</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="errors">Gets the faults that can be seen without knowing the model.</param>
    /// <param name="others">Fields that the form may have beside its own; whoever names them reads them.</param>
    /// <returns>The wish; what is missing or at fault in it is empty.</returns>
    public static PredictionRequest Read(
        JsonObject form,
        Owner owner,
        ICollection<InputError> errors,
        params IReadOnlyList<string> others
    )
    {
        var model = Text(form, "model", errors);
        if (model is null && errors.Count == 0)
        {
            errors.Add(
                new InputError(
                    "model",
                    $"model is missing; it must be a model's slug, such as {SdxlLightningInput.Model}."
                )
            );
        }

        var version = Text(form, "version", errors);
        var backend = Text(form, "backend", errors);
        if (form["input"] is not JsonObject input)
        {
            errors.Add(new InputError("input", "input is missing or no object; it must hold the model's inputs."));
            input = [];
        }

        string[] known = [.. Known, .. others];
        foreach (var field in form.Select(f => f.Key).Except(known, StringComparer.Ordinal))
        {
            errors.Add(InputError.Unknown(field, known));
        }

        return new PredictionRequest
        {
            Owner = owner,
            Model = model ?? "",
            Version = version,
            Input = input,
            Backend = backend,
            Webhook = WebhookForm.Read(form, errors),
        };
    }

    /// <summary>Reads a short text.</summary>
    /// <returns>The text; null when there is none or it has a fault.</returns>
    public static string? Text(JsonObject form, string field, ICollection<InputError> errors)
    {
        switch (form[field])
        {
            case null:
                return null;
            case JsonValue value
                when value.GetValueKind() == JsonValueKind.String && value.TryGetValue<string>(out var text):
                if (text.Length <= MaxTextLength)
                {
                    return text;
                }

                errors.Add(
                    new InputError(field, $"{field} has {text.Length} characters; it may have {MaxTextLength}.")
                );
                return null;
            default:
                errors.Add(new InputError(field, $"{field} must be a text."));
                return null;
        }
    }
}
