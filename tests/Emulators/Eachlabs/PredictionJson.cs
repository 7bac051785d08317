using System.Text.Json.Nodes;
using Leyden.Emulators.Pictures;

namespace Leyden.Emulators.Eachlabs;

/// <summary>A prediction as the API shows it.</summary>
internal sealed class PredictionJson(EachlabsEmulatorOptions options, EachlabsFaults faults, TimeProvider timeProvider)
{
    private const string NsfwMessage = "NSFW content detected. Try running it again, or try a different prompt.";

    /// <param name="prediction">The prediction.</param>
    /// <param name="baseUrl">The emulator's address as the caller knows it, without a slash at its end.</param>
    public JsonObject Show(EmulatedPrediction prediction, string baseUrl)
    {
        var now = timeProvider.GetUtcNow();
        var phase = prediction.PhaseAt(now);
        var finished = phase == EmulatedPhase.Finished;
        var json = new JsonObject
        {
            ["id"] = prediction.Id,
            ["status"] = StatusWord(prediction, phase),
            ["model"] = prediction.Model,
            ["input"] = prediction.Input.DeepClone(),
            ["output"] = finished && prediction.End == EmulatedEnd.Success ? Output(prediction, baseUrl) : "",
            ["logs"] = Logs(prediction, phase),
            ["metrics"] = finished ? Metrics(prediction) : new JsonObject { ["predict_time"] = 0 },
            ["urls"] = new JsonObject
            {
                ["get"] = $"{baseUrl}/v1/prediction/{prediction.Id}",
                ["cancel"] = $"{baseUrl}/v1/prediction/{prediction.Id}/cancel",
            },
        };
        if (finished && ErrorOf(prediction.End) is var (name, message))
        {
            json[name] = message;
        }

        return json;
    }

    /// <summary>The other payload that the documentation describes for webhooks.</summary>
    public JsonObject ShowExecution(EmulatedPrediction prediction, string baseUrl) =>
        new()
        {
            ["exec_id"] = prediction.Id,
            ["status"] = prediction.End == EmulatedEnd.Success ? "succeeded" : "failed",
            ["output"] =
                prediction.End == EmulatedEnd.Success
                    ? new JsonArray([.. OutputUrls(prediction, baseUrl).Select(url => JsonValue.Create(url))])
                    : new JsonArray(),
        };

    private string StatusWord(EmulatedPrediction prediction, EmulatedPhase phase) =>
        phase switch
        {
            EmulatedPhase.Finished => prediction.End switch
            {
                EmulatedEnd.Success => "success",
                EmulatedEnd.Failed => "failed",
                _ => "error",
            },
            EmulatedPhase.Canceled => faults.Happens(EachlabsFault.CanceledWithOneL, prediction.Prompt)
                ? "canceled"
                : "cancelled",
            _ when faults.Happens(EachlabsFault.UnknownStatus, prediction.Prompt) => "warming-up",
            EmulatedPhase.Processing => "processing",
            EmulatedPhase.Starting => "starting",
            _ => "created",
        };

    private JsonNode? Output(EmulatedPrediction prediction, string baseUrl)
    {
        var urls = OutputUrls(prediction, baseUrl);
        return options.Output switch
        {
            OutputForm.Nested => new JsonObject
            {
                ["images"] = new JsonArray([.. urls.Select(url => new JsonObject { ["url"] = url })]),
            },
            OutputForm.StringOrArray when urls.Count == 1 => JsonValue.Create(urls[0]),
            _ => new JsonArray([.. urls.Select(url => JsonValue.Create(url))]),
        };
    }

    private List<string> OutputUrls(EmulatedPrediction prediction, string baseUrl)
    {
        bool Happens(EachlabsFault fault) => faults.Happens(fault, prediction.Prompt);
        var count =
            Happens(EachlabsFault.OutputNone) ? 0
            : Happens(EachlabsFault.NsfwLast) ? Math.Max(1, prediction.OutputCount - 1)
            : prediction.OutputCount;
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(n =>
                    Happens(EachlabsFault.OutputData)
                        ? $"data:image/png;base64,{Convert.ToBase64String(Render(prediction, n))}"
                    : Happens(EachlabsFault.OutputPrivateAddress) ? "http://169.254.169.254/latest/meta-data/iam/"
                    : Happens(EachlabsFault.OutputFile) ? "file:///etc/passwd"
                    : $"{baseUrl}/outputs/{prediction.Id}/{n}.png"
                ),
        ];
    }

    private JsonObject Metrics(EmulatedPrediction prediction)
    {
        var metrics = new JsonObject { ["predict_time"] = Math.Round(prediction.RunTime.TotalSeconds, 6) };
        if (options.PricePerSecond is { } price)
        {
            metrics["cost"] = Math.Round((decimal)prediction.RunTime.TotalSeconds * price, 8);
        }

        return metrics;
    }

    private string Logs(EmulatedPrediction prediction, EmulatedPhase phase) =>
        phase == EmulatedPhase.Finished && prediction.End == EmulatedEnd.ErrorInLogs
            ? "Traceback (most recent call last):\nRuntimeError: CUDA out of memory"
        : faults.Happens(EachlabsFault.GetHuge, prediction.Prompt) ? new string('x', 2 << 20)
        : phase >= EmulatedPhase.Processing ? $"Using seed: {prediction.Seed}"
        : "";

    private static (string Name, string Message)? ErrorOf(EmulatedEnd end) =>
        end switch
        {
            EmulatedEnd.Error => ("error_message", "CUDA out of memory. Tried to allocate 2.00 GiB"),
            EmulatedEnd.Failed => ("error", "The model stopped unexpectedly"),
            EmulatedEnd.Nsfw => ("error_message", NsfwMessage),
            _ => null,
        };

    public static byte[] Render(EmulatedPrediction prediction, int number) =>
        SamplePicture.Render(prediction.Width, prediction.Height, prediction.Prompt, prediction.Seed, number);
}
