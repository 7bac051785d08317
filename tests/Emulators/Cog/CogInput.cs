using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Cog;

/// <summary>The model's input, with strict types: a number in quotation marks is none.</summary>
internal sealed record CogInput(string Prompt, int Width, int Height, int Outputs, string Scheduler, long Seed)
{
    private static readonly string[] Schedulers =
    [
        "DDIM",
        "DPMSolverMultistep",
        "HeunDiscrete",
        "KarrasDPM",
        "K_EULER_ANCESTRAL",
        "K_EULER",
        "PNDM",
        "DPM++2MSDE",
    ];

    /// <summary>Reads an input. Unknown names are dropped, as Cog does.</summary>
    /// <param name="input">The input.</param>
    /// <param name="faults">Gets Cog's <c>detail</c>.</param>
    public static CogInput Read(JsonObject input, JsonArray faults)
    {
        var read = new CogInput(
            Text("prompt", "self-portrait of a woman, lightning in the background"),
            (int)Integer("width", 1024, 256, 1280),
            (int)Integer("height", 1024, 256, 1280),
            (int)Integer("num_outputs", 1, 1, 4),
            Text("scheduler", "K_EULER"),
            Integer("seed", 0, 0, uint.MaxValue)
        );
        Text("negative_prompt", "");
        Integer("num_inference_steps", 4, 1, 10);
        if (input["guidance_scale"] is { } guidance && guidance.GetValueKind() != JsonValueKind.Number)
        {
            Fault("guidance_scale", "value is not a valid float", "type_error.float");
        }

        if (
            input["disable_safety_checker"] is { } unchecked_
            && unchecked_.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)
        )
        {
            Fault("disable_safety_checker", "value could not be parsed to a boolean", "type_error.bool");
        }

        if (!Schedulers.Contains(read.Scheduler))
        {
            Fault(
                "scheduler",
                $"value is not a valid enumeration member; permitted: {string.Join(", ", Schedulers)}",
                "type_error.enum"
            );
        }

        return read;

        string Text(string name, string otherwise)
        {
            if (input[name] is not { } value)
            {
                return otherwise;
            }

            if (value.GetValueKind() == JsonValueKind.String)
            {
                return value.GetValue<string>();
            }

            Fault(name, "str type expected", "type_error.str");
            return otherwise;
        }

        long Integer(string name, long otherwise, long least, long most)
        {
            if (input[name] is not { } value)
            {
                return otherwise;
            }

            if (value.GetValueKind() != JsonValueKind.Number || !long.TryParse(value.ToJsonString(), out var number))
            {
                Fault(name, "value is not a valid integer", "type_error.integer");
                return otherwise;
            }

            if (number < least || number > most)
            {
                Fault(
                    name,
                    $"ensure this value is {(number < least ? $"greater than or equal to {least}" : $"less than or equal to {most}")}",
                    "value_error.number"
                );
            }

            return number;
        }

        void Fault(string name, string message, string type) =>
            faults.Add(
                new JsonObject
                {
                    ["loc"] = new JsonArray("body", "input", name),
                    ["msg"] = message,
                    ["type"] = type,
                }
            );
    }
}
