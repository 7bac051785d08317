using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>What <c>leyden generate</c> was asked for, checked as far as that is possible without a host.</summary>
/// <param name="Predictions">One wish for each prediction.</param>
/// <param name="Folder">Where the pictures go.</param>
internal sealed record GenerateRequest(IReadOnlyList<PredictionRequest> Predictions, PictureFolder Folder)
{
    /// <summary>Reads the command line.</summary>
    /// <param name="options">The options.</param>
    /// <param name="parsed">Their values.</param>
    /// <param name="limits">The configured limits of deadlines.</param>
    /// <exception cref="UsageException">All that is wrong with it.</exception>
    public static GenerateRequest Read(GenerateOptions options, ParseResult parsed, PredictionOptions limits)
    {
        var errors = new List<InputError>();
        var model = parsed.GetValue(options.Model) ?? SdxlLightningInput.Model;
        var input = ReadInput(options, parsed, errors);
        CheckInput(model, input, errors);
        var count = ReadCount(parsed.GetValue(options.Count), errors);
        var deadline = ReadDeadline(parsed.GetValue(options.Deadline), limits, errors);
        var backend = parsed.GetValue(options.Backend);
        var folder = PictureFolder.Open(parsed.GetValue(options.Out)!, errors);
        if (errors.Count > 0)
        {
            throw new UsageException([.. errors.DistinctBy(e => e.Field)]);
        }

        var requests = Enumerable
            .Range(0, count)
            .Select(number => new PredictionRequest
            {
                Owner = Owner.Local,
                Model = model,
                Input = WithSeed(input, number),
                Backend = backend,
                Deadline = deadline,
            });
        return new GenerateRequest([.. requests], folder!);
    }

    /// <summary>Says a fault of a field in the terms of the command line: <c>num_outputs</c> is <c>--num-outputs</c> there.</summary>
    public static InputError InTermsOfOptions(InputError error)
    {
        var name = error.Field switch
        {
            "prompt" => "prompt",
            "input" => "--input-json",
            _ when error.Message.StartsWith($"{error.Field} is not known", StringComparison.Ordinal) =>
                $"--input-json: {error.Field}",
            _ => "--" + error.Field.Replace('_', '-'),
        };
        return error.Message.StartsWith(error.Field, StringComparison.Ordinal)
            ? new InputError(name, name + error.Message[error.Field.Length..])
            : new InputError(name, $"{name}: {error.Message}");
    }

    private static JsonObject ReadInput(GenerateOptions options, ParseResult parsed, List<InputError> errors)
    {
        var input = InputJson.Read(parsed.GetValue(options.InputJson), errors);
        if (parsed.GetValue(options.Prompt) is { } prompt)
        {
            input["prompt"] = prompt == "-" ? Console.In.ReadToEnd().Trim() : prompt;
        }

        foreach (var option in options.Inputs)
        {
            if (parsed.GetValue(option) is { } value)
            {
                input[GenerateOptions.FieldOf(option)] = Value(GenerateOptions.FieldOf(option), value);
            }
        }

        if (parsed.GetValue(options.DisableSafetyChecker))
        {
            input[GenerateOptions.FieldOf(options.DisableSafetyChecker)] = true;
        }

        return input;
    }

    /// <summary>A number where the text is one, so that faults show the value as it was typed, without quotation marks.</summary>
    private static JsonValue Value(string field, string text) =>
        !GenerateOptions.IsText(field)
        && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);

    private static void CheckInput(string model, JsonObject input, List<InputError> errors)
    {
        if (!ModelInput.IsSlug(model))
        {
            errors.Add(
                InputError.NotAllowed(
                    "--model",
                    $"\"{InputError.Shorten(model)}\"",
                    "a model's slug, such as sdxl-lightning-4step"
                )
            );
            return;
        }

        // The seed that is drawn here is thrown away: the host that accepts the prediction draws its own.
        if (!ModelInput.TryAccept(model, input, Randomness.Create(), out _, out var faults))
        {
            errors.AddRange(faults.Select(InTermsOfOptions));
        }
    }

    private static int ReadCount(string? text, List<InputError> errors)
    {
        if (text is null)
        {
            return 1;
        }

        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= GenerateOptions.MaxCount
        )
        {
            return count;
        }

        var allowed = $"a whole number from 1 to {GenerateOptions.MaxCount}";
        errors.Add(InputError.NotAllowed("--count", InputError.Shorten(text), allowed));
        return 1;
    }

    private static TimeSpan? ReadDeadline(string? text, PredictionOptions limits, List<InputError> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (
            DurationText.TryParse(text, out var deadline)
            && deadline >= PredictionOptions.ShortestDeadline
            && deadline <= limits.MaxDeadline
        )
        {
            return deadline;
        }

        var allowed =
            $"a time such as 45s, 1m30s or 2h, from {PredictionOptions.ShortestDeadline.TotalSeconds:0}s to {limits.MaxDeadline.TotalHours:0.##}h";
        errors.Add(InputError.NotAllowed("--deadline", InputError.Shorten(text), allowed));
        return null;
    }

    /// <summary>The input of one of several predictions: the same seed would draw the same picture again.</summary>
    private static JsonObject WithSeed(JsonObject input, int number)
    {
        var own = (JsonObject)input.DeepClone();
        if (number > 0 && uint.TryParse(own["seed"]?.ToString(), CultureInfo.InvariantCulture, out var seed))
        {
            own["seed"] = unchecked(seed + (uint)number);
        }

        return own;
    }
}
