using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Generating;

/// <summary>Tells what became of a <c>generate</c>: pictures on standard output, everything else on standard error.</summary>
/// <param name="predictions">Those that were started.</param>
/// <param name="wasStopped">Whether Ctrl+C or a termination signal came.</param>
internal sealed class GenerateReport(IReadOnlyList<GeneratedPrediction> predictions, bool wasStopped)
{
    /// <summary>Whether every picture that was asked for is there.</summary>
    private bool IsComplete =>
        predictions.Count > 0 && predictions.All(p => p.View.Status == PredictionStatus.Succeeded && p.Fault is null);

    /// <summary>One of <see cref="ExitCodes"/>. A cancel that came too late for all is none.</summary>
    public int ExitCode =>
        IsComplete ? ExitCodes.Ok
        : wasStopped ? ExitCodes.Canceled
        : ExitCodes.Failed;

    /// <summary>Writes it.</summary>
    public void Write(Terminal terminal, bool json)
    {
        var said = new HashSet<string>(StringComparer.Ordinal); // what holds for all is said once
        foreach (var prediction in predictions)
        {
            WriteFaults(terminal, prediction, said);
            if (!json)
            {
                WritePictures(terminal, prediction);
            }
        }

        if (json)
        {
            terminal.Print(ToJson().ToJsonString(LeydenJson.Options));
        }
    }

    private static void WriteFaults(Terminal terminal, GeneratedPrediction prediction, HashSet<string> said)
    {
        var (view, _, fault) = prediction;
        if (view.Failure is { } failure)
        {
            terminal.Error.WriteLine($"{view.Id} failed ({failure.Code}): {failure.Message}");
            if (failure.Detail is { } detail)
            {
                terminal.Error.WriteLine($"  {view.Backend} says: {detail}");
            }
        }
        else if (view.Status == PredictionStatus.Canceled)
        {
            terminal.Error.WriteLine($"{view.Id} canceled.");
        }

        foreach (var note in view.Notes.Where(said.Add))
        {
            terminal.Error.WriteLine($"  {note}");
        }

        if (fault is not null)
        {
            terminal.Error.WriteLine($"{view.Id}: {fault} See leyden predictions show {view.Id}.");
        }
    }

    private static void WritePictures(Terminal terminal, GeneratedPrediction prediction)
    {
        var view = prediction.View;
        foreach (var file in prediction.Files)
        {
            if (terminal.HasReader)
            {
                var cost = view.Cost is null
                    ? ""
                    : $"  ${view.Cost.Value.ToString("0.####", CultureInfo.InvariantCulture)}";
                var model = view.PredictTime is null ? "" : $" (model {Seconds(view.PredictTime)} s)";
                terminal.Print($"{file}  seed {view.Seed}  {Seconds(view.Duration)} s{model}{cost}");
            }
            else
            {
                var cost = view.Cost?.ToString(CultureInfo.InvariantCulture);
                terminal.Print($"{file}\t{view.Seed}\t{Seconds(view.Duration)}\t{cost}");
            }
        }
    }

    private JsonObject ToJson()
    {
        var status =
            IsComplete ? "succeeded"
            : wasStopped ? "canceled"
            : "failed";
        return new JsonObject { ["status"] = status, ["predictions"] = new JsonArray([.. predictions.Select(ToJson)]) };
    }

    private static JsonObject ToJson(GeneratedPrediction prediction)
    {
        var (view, files, fault) = prediction;
        return new JsonObject
        {
            ["id"] = view.Id.Value,
            ["status"] = view.Status.ToString().ToLowerInvariant(),
            ["backend"] = view.Backend,
            ["seed"] = view.Seed,
            ["outputs"] = new JsonArray([.. files.Select(file => JsonValue.Create(Path.GetFullPath(file)))]),
            ["seconds"] = view.Duration?.TotalSeconds,
            ["predict_seconds"] = view.PredictTime?.TotalSeconds,
            ["cost"] = view.Cost,
            ["error"] = ToJson(view.Failure) ?? (fault is null ? null : new JsonObject { ["message"] = fault }),
            ["notes"] = new JsonArray([.. view.Notes.Select(note => JsonValue.Create(note))]),
        };
    }

    /// <summary>A failure for programs; null for none.</summary>
    public static JsonObject? ToJson(PredictionFailure? failure) =>
        failure is null
            ? null
            : new JsonObject
            {
                ["code"] = failure.Code,
                ["message"] = failure.Message,
                ["retryable"] = failure.Retryable,
                ["detail"] = failure.Detail,
            };

    private static string Seconds(TimeSpan? duration) =>
        duration?.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) ?? "";
}
