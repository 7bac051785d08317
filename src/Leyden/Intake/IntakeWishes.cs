using System.Text.Json;
using System.Text.Json.Nodes;
using Leyden.Batches;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.DurableTask.Client;

namespace Leyden.Intake;

/// <summary>
/// Starts what messages and events ask for: a create form (with <c>correlation_id</c>, <c>reply_queue</c>, <c>deadline</c>,
/// <c>idempotency_key</c> and <c>owner</c> beside its own fields), an array of items, or <c>{"batch": …}</c> around a batch's form or
/// <c>{"blob": "uploads/…"}</c>, an object of the store in JSON Lines.
/// </summary>
public sealed class IntakeWishes(PredictionService predictions, BatchService batches, IObjectStore objects)
{
    /// <summary>The folder of the object store that batches are uploaded to.</summary>
    public const string Uploads = "uploads/";

    private const string BatchField = "batch";
    private const string KeyField = "idempotency_key";
    private const string OwnerField = "owner";
    private const string CorrelationField = "correlation_id";
    private static readonly string[] Beside =
    [
        CorrelationField,
        ReplyQueueWish.QueueField,
        PredictionRequest.DeadlineField,
        KeyField,
        OwnerField,
    ];
    private static readonly string[] BesideBatch = [BatchField, KeyField, OwnerField];

    /// <summary>Starts what a document asks for.</summary>
    /// <param name="wish">An object or an array.</param>
    /// <param name="context">What holds unless the document says otherwise.</param>
    /// <param name="client">The durable engine's client.</param>
    /// <param name="cancellationToken">Stops; repeat with the same key.</param>
    public Task<IntakeOutcome> StartAsync(
        JsonElement wish,
        IntakeContext context,
        DurableTaskClient client,
        CancellationToken cancellationToken
    ) =>
        wish.ValueKind switch
        {
            JsonValueKind.Array => SubmitAsync(Lines(wish, context), context, client, cancellationToken),
            JsonValueKind.Object when wish.TryGetProperty(BatchField, out var batch) => StartBatchAsync(
                wish,
                batch,
                context,
                client,
                cancellationToken
            ),
            JsonValueKind.Object => CreateAsync(wish, context, client, cancellationToken),
            _ => Task.FromResult<IntakeOutcome>(
                IntakeOutcome.Refused.Of(new InputError("", "A message must be a JSON object or an array of items."))
            ),
        };

    /// <summary>Starts the batch that an uploaded object holds: one in the owner's folder, or any where the wish may name owners.</summary>
    public async Task<IntakeOutcome> StartUploadAsync(
        string name,
        IntakeContext context,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var folder = context.MayNameOwner ? Uploads : $"{Uploads}{context.Owner}/";
        if (!ObjectKey.TryParse(name, out var key) || !name.StartsWith(folder, StringComparison.Ordinal))
        {
            return IntakeOutcome.Refused.Of(
                InputError.NotAllowed(
                    "blob",
                    $"\"{InputError.Shorten(name)}\"",
                    $"the name of an object under {folder}"
                )
            );
        }

        await using var upload = await objects.GetAsync(key, cancellationToken);
        return upload is null
            ? IntakeOutcome.Refused.Of(new InputError("blob", $"There is no object {name}."))
            : await SubmitAsync(
                BatchLines.ReadAsync(upload.Content, context.Owner, cancellationToken),
                context,
                client,
                cancellationToken
            );
    }

    private async Task<IntakeOutcome> CreateAsync(
        JsonElement wish,
        IntakeContext context,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        if (StrictJson.ToNode(wish, out var unusable) is not JsonObject form)
        {
            return IntakeOutcome.Refused.Of(unusable!);
        }

        var errors = new List<InputError>();
        context = ReadContext(form, context, errors);
        var request = CreateForm.Read(form, context.Owner, errors, Beside) with
        {
            IdempotencyKey = context.IdempotencyKey,
            Deadline = ReadDeadline(form, errors),
            ReplyQueue = CreateForm.Text(form, ReplyQueueWish.QueueField, errors) is { } queue
                ? new ReplyQueueWish(queue, CreateForm.Text(form, CorrelationField, errors), PredictionEventWords.Ends)
                : null,
        };
        errors.AddRange(predictions.Check(request));
        if (errors.Count > 0)
        {
            return IntakeOutcome.Refused.Of([.. errors.DistinctBy(e => e.Field)]);
        }

        return await predictions.CreateAsync(request, client, cancellationToken) switch
        {
            CreateOutcome.Created created => new IntakeOutcome.Taken(created.Prediction.Id.Value),
            CreateOutcome.Invalid invalid => IntakeOutcome.Refused.Of(invalid.Errors),
            _ => KeyReused(),
        };
    }

    private async Task<IntakeOutcome> StartBatchAsync(
        JsonElement wish,
        JsonElement batch,
        IntakeContext context,
        DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<InputError>();
        var around = new JsonObject();
        foreach (var member in wish.EnumerateObject().Where(m => m.Name != BatchField))
        {
            around[member.Name] = StrictJson.ToNode(member.Value, out _);
        }

        context = ReadContext(around, context, errors);
        errors.AddRange(
            around
                .Select(f => f.Key)
                .Except(BesideBatch, StringComparer.Ordinal)
                .Select(f => InputError.Unknown(f, BesideBatch))
        );
        if (errors.Count > 0)
        {
            return IntakeOutcome.Refused.Of(errors);
        }

        return
            batch.ValueKind == JsonValueKind.Object
            && batch.TryGetProperty("blob", out var blob)
            && blob.ValueKind == JsonValueKind.String
            ? await StartUploadAsync(blob.GetString()!, context, client, cancellationToken)
            : await SubmitAsync(Lines(batch, context), context, client, cancellationToken);
    }

    private async Task<IntakeOutcome> SubmitAsync(
        IAsyncEnumerable<BatchLine> lines,
        IntakeContext context,
        DurableTaskClient client,
        CancellationToken cancellationToken
    ) =>
        await batches.SubmitAsync(context.Owner, lines, context.IdempotencyKey, client, cancellationToken) switch
        {
            BatchOutcome.Accepted accepted => new IntakeOutcome.Taken(accepted.Batch.Id.Value),
            BatchOutcome.Invalid invalid => new IntakeOutcome.Refused(invalid.Message, invalid.Errors),
            _ => KeyReused(),
        };

    private static IAsyncEnumerable<BatchLine> Lines(JsonElement batch, IntakeContext context) =>
        BatchForm.Read(batch, context.Owner).ToAsyncEnumerable();

    private static IntakeContext ReadContext(JsonObject form, IntakeContext context, List<InputError> errors)
    {
        var key = CreateForm.Text(form, KeyField, errors) ?? context.IdempotencyKey;
        var name = CreateForm.Text(form, OwnerField, errors);
        if (name is null || !context.MayNameOwner)
        {
            if (name is not null)
            {
                errors.Add(
                    new InputError(OwnerField, $"{OwnerField} can not be named here: it is whose key was sent.")
                );
            }

            return context with
            {
                IdempotencyKey = key,
            };
        }

        if (!Owner.TryParse(name, out var owner))
        {
            errors.Add(
                InputError.NotAllowed(
                    OwnerField,
                    $"\"{InputError.Shorten(name)}\"",
                    "1 to 32 letters, digits and hyphens"
                )
            );
        }

        return context with
        {
            IdempotencyKey = key,
            Owner = owner,
        };
    }

    private static TimeSpan? ReadDeadline(JsonObject form, List<InputError> errors)
    {
        if (CreateForm.Text(form, PredictionRequest.DeadlineField, errors) is not { } text)
        {
            return null;
        }

        if (DurationText.TryParse(text, out var deadline))
        {
            return deadline;
        }

        errors.Add(
            InputError.NotAllowed(PredictionRequest.DeadlineField, $"\"{InputError.Shorten(text)}\"", DurationText.Form)
        );
        return null;
    }

    private static IntakeOutcome.Refused KeyReused() =>
        IntakeOutcome.Refused.Of(new InputError(KeyField, "The idempotency key was used for another wish before."));
}

/// <summary>What holds for a wish unless it says otherwise.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="IdempotencyKey">By what its repeats are recognized.</param>
/// <param name="MayNameOwner">Whether the wish may name another owner: whoever can write to the queue is trusted with all of them.</param>
public sealed record IntakeContext(Owner Owner, string IdempotencyKey, bool MayNameOwner);
