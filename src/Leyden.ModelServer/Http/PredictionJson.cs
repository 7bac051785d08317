using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Leyden.ModelServer.Predictions;

namespace Leyden.ModelServer.Http;

/// <summary>What a reader is told of a prediction beside its state.</summary>
/// <param name="ShowInput">Whether the input is repeated.</param>
/// <param name="QueuePosition">Its place in the queue.</param>
internal readonly record struct PredictionView(bool ShowInput = false, int? QueuePosition = null);

/// <summary>
/// Writes predictions in Cog's form with fields of ours added. Pictures become data URLs piece by piece, never in memory as a whole.
/// </summary>
internal static class PredictionJson
{
    private const int PieceBytes = 48 * 1024; // a multiple of 3: pieces of base64 join without padding
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a prediction.</summary>
    public static async Task WriteAsync(
        PipeWriter to,
        PredictionState state,
        PredictionView view,
        CancellationToken cancellationToken
    )
    {
        await using var json = new Utf8JsonWriter(to, Options);
        json.WriteStartObject();
        json.WriteString("id", state.Id);
        json.WriteString("status", WordOf(state.Status));
        if (view.ShowInput)
        {
            json.WritePropertyName("input");
            state.Input.Write(json);
        }

        if (state.Output is not null)
        {
            json.WriteStartArray("output");
            foreach (var picture in state.Output)
            {
                await WriteDataUrlAsync(json, to, picture, cancellationToken);
            }

            json.WriteEndArray();
        }

        WriteOutcome(json, state);
        WriteProgress(json, state, view);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        await to.FlushAsync(cancellationToken);
    }

    /// <summary>Cog's word for a status.</summary>
    public static string WordOf(PredictionStatus status) =>
        status switch
        {
            PredictionStatus.Starting => "starting",
            PredictionStatus.Processing => "processing",
            PredictionStatus.Succeeded => "succeeded",
            PredictionStatus.Failed => "failed",
            _ => "canceled",
        };

    private static async Task WriteDataUrlAsync(
        Utf8JsonWriter json,
        PipeWriter to,
        byte[] png,
        CancellationToken cancellationToken
    )
    {
        var text = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(PieceBytes));
        try
        {
            json.WriteStringValueSegment("data:image/png;base64,"u8, isFinalSegment: false);
            for (var at = 0; at < png.Length || at == 0; at += PieceBytes)
            {
                var piece = png.AsSpan(at, Math.Min(PieceBytes, png.Length - at));
                Base64.EncodeToUtf8(piece, text, out _, out var written);
                json.WriteStringValueSegment(text.AsSpan(0, written), isFinalSegment: at + PieceBytes >= png.Length);
                json.Flush();
                await to.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static void WriteOutcome(Utf8JsonWriter json, PredictionState state)
    {
        json.WriteString("logs", state.Logs);
        if (state.Error is not null)
        {
            json.WriteString("error", state.Error);
        }

        json.WriteStartObject("metrics");
        if (state.IsEnded)
        {
            json.WriteNumber("predict_time", Seconds(state.PredictTime ?? TimeSpan.Zero));
        }

        if (state.QueueTime is { } waited)
        {
            json.WriteNumber("queue_time", Seconds(waited));
        }

        json.WriteEndObject();
        json.WriteString("created_at", state.CreatedAt);
        WriteMoment(json, "started_at", state.StartedAt);
        WriteMoment(json, "completed_at", state.CompletedAt);
    }

    private static void WriteProgress(Utf8JsonWriter json, PredictionState state, PredictionView view)
    {
        if (view.QueuePosition is { } position)
        {
            json.WriteNumber("queue_position", position);
        }

        if (state.Progress is { } progress)
        {
            json.WriteStartObject("progress");
            json.WriteNumber("completed_steps", progress.CompletedSteps);
            json.WriteNumber("total_steps", progress.TotalSteps);
            json.WriteNumber("percent", 100 * progress.CompletedSteps / Math.Max(1, progress.TotalSteps));
            json.WriteEndObject();
        }
    }

    private static void WriteMoment(Utf8JsonWriter json, string name, DateTimeOffset? moment)
    {
        if (moment is { } at)
        {
            json.WriteString(name, at);
        }
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 6);
}
