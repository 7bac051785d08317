using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Leyden.Emulators.Eachlabs;

/// <summary><c>POST /v1/prediction</c> and <c>POST /v1/prediction/run</c>.</summary>
internal sealed class CreateEndpoint(
    EachlabsEmulatorOptions options,
    EachlabsFaults faults,
    EachlabsCounters counters,
    PredictionTable predictions,
    ApiGate gate,
    WebhookSender webhooks,
    FaultyAnswers answers,
    PredictionJson json,
    TimeProvider timeProvider
)
{
    private const int MaxBodyBytes = 10 << 20;

    public async Task<IResult> CreateAsync(HttpContext context)
    {
        var (prediction, refusal) = await AcceptAsync(context);
        return refusal ?? await AnswerCreateAsync(context, prediction!);
    }

    public async Task<IResult> RunAsync(HttpContext context)
    {
        var (prediction, refusal) = await AcceptAsync(context);
        if (refusal is not null)
        {
            return refusal;
        }

        // In slices, so that a cancel ends the wait early and a prediction that never finishes does not overflow the timer.
        while (prediction!.IsUnfinishedAt(timeProvider.GetUtcNow()))
        {
            var left = prediction.FinishesAt - timeProvider.GetUtcNow();
            var slice = TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds, 1, 100));
            await Task.Delay(slice, timeProvider, context.RequestAborted);
        }

        return Results.Json(json.Show(prediction, Addresses.BaseUrlOf(context.Request)));
    }

    private async Task<(EmulatedPrediction? Prediction, IResult? Refusal)> AcceptAsync(HttpContext context)
    {
        counters.CreateReceived();
        CreateRequest request;
        try
        {
            request = CreateRequest.Parse(await ReadBodyAsync(context), options.StringsOnly);
        }
        catch (RefusedRequestException refused)
        {
            return (null, ApiErrors.Plain(refused.Status, refused.Message));
        }

        if (EachlabsFaults.TryFindUnknown(request.Prompt, out var unknown))
        {
            return (null, ApiErrors.Plain(400, $"The emulator knows no fault named '{unknown}'"));
        }

        if (answers.RefuseCreate(context, request.Prompt, gate) is { } refusal)
        {
            return (null, refusal);
        }

        var prediction = Admit(request);
        if (!predictions.TryAdd(prediction, options.MaxConcurrent, options.MaxRemembered, out var running))
        {
            var details = $"Limit of {options.MaxConcurrent} concurrent predictions exceeded";
            return (null, gate.Refuse(context, details, TimeSpan.FromSeconds(1)));
        }

        counters.Billed(request.Prompt, running);
        await webhooks.SendEarlyAsync(prediction, Addresses.BaseUrlOf(context.Request));
        webhooks.Watch(prediction, Addresses.BaseUrlOf(context.Request));
        return (prediction, null);
    }

    private async Task<IResult> AnswerCreateAsync(HttpContext context, EmulatedPrediction prediction) =>
        await answers.SpoilCreateAsync(context, prediction)
        ?? Results.Json(
            new JsonObject
            {
                ["status"] = "success",
                ["message"] = "Prediction created successfully",
                ["predictionID"] = prediction.Id,
            }
        );

    private static async Task<JsonNode?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBodyBytes)
        {
            throw new RefusedRequestException(413, "The request body is too large");
        }

        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            throw new RefusedRequestException(400, "The request body is not valid JSON");
        }
    }

    private EmulatedPrediction Admit(CreateRequest request)
    {
        bool Happens(EachlabsFault fault) => faults.Happens(fault, request.Prompt);
        return new EmulatedPrediction
        {
            Id = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Model = request.Model,
            Input = request.Input,
            Prompt = request.Prompt,
            CreatedAt = timeProvider.GetUtcNow(),
            QueueTime = options.QueueTime,
            RunTime = RunTimeMarker.Read(request.Prompt) ?? DrawRunTime(),
            Width = request.Width,
            Height = request.Height,
            OutputCount = request.OutputCount,
            Seed = request.Seed ?? DrawUInt32(),
            End =
                Happens(EachlabsFault.NeverFinish) ? EmulatedEnd.Never
                : Happens(EachlabsFault.ModelError) ? EmulatedEnd.Error
                : Happens(EachlabsFault.ModelFailed) ? EmulatedEnd.Failed
                : Happens(EachlabsFault.ModelErrorInLogs) ? EmulatedEnd.ErrorInLogs
                : Happens(EachlabsFault.Nsfw) ? EmulatedEnd.Nsfw
                : EmulatedEnd.Success,
            WebhookUrl = request.WebhookUrl,
            WebhookSecret = request.WebhookSecret,
        };
    }

    private TimeSpan DrawRunTime()
    {
        var jitter = Math.Clamp(options.RunTimeJitter, 0, 1);
        var draw = (DrawUInt32() / (double)uint.MaxValue * 2) - 1;
        return options.RunTime * (1 + (jitter * draw));
    }

    private static uint DrawUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
