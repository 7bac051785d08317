using System.Diagnostics.CodeAnalysis;
using Leyden.Backends;
using Leyden.Notifications;
using Microsoft.Extensions.Options;

namespace Leyden.Predictions;

/// <summary>The one place that judges wishes for predictions, single ones and those of batches alike.</summary>
public sealed class PredictionAdmission(
    BackendDirectory backends,
    SubscriptionReader subscriptions,
    IOptions<PredictionOptions> options,
    Random random
)
{
    /// <summary>The longest idempotency key, in characters.</summary>
    public const int MaxIdempotencyKeyLength = 255;

    /// <summary>Finds every fault of a wish, or completes it.</summary>
    /// <param name="request">The wish.</param>
    /// <param name="draft">What is to be accepted, when there is no fault.</param>
    /// <param name="errors">The faults.</param>
    /// <returns>Whether there is no fault.</returns>
    public bool TryAdmit(
        PredictionRequest request,
        [NotNullWhen(true)] out PredictionDraft? draft,
        out IReadOnlyList<InputError> errors
    )
    {
        var found = new List<InputError>();
        draft = null;
        errors = found;
        if (!ModelInput.IsSlug(request.Model))
        {
            found.Add(
                InputError.NotAllowed(
                    "model",
                    $"\"{InputError.Shorten(request.Model)}\"",
                    "a model's slug, such as sdxl-lightning-4step"
                )
            );
        }

        if (CheckKey(request.IdempotencyKey) is { } wrongKey)
        {
            found.Add(wrongKey);
        }

        if (CheckDeadline(request.Deadline) is { } wrongDeadline)
        {
            found.Add(wrongDeadline);
        }

        var beforeInput = found.Count;
        AcceptedInput? input = null;
        if (
            ModelInput.IsSlug(request.Model)
            && !ModelInput.TryAccept(request.Model, request.Input, random, out input, out var faults)
        )
        {
            found.AddRange(faults);
        }

        if (
            !backends.TryRoute(
                request.Backend,
                request.Model,
                input?.Json,
                out var backend,
                out var isRouted,
                out var wrongBackend
            )
        )
        {
            found.Insert(beforeInput, wrongBackend); // in the order of a request
        }

        var wanted = subscriptions.Read(request, found);
        if (found.Count > 0)
        {
            return false;
        }

        draft = new PredictionDraft(
            request.Model,
            request.Version,
            input!.Json,
            input.Workload,
            backend!.Name,
            request.Deadline ?? options.Value.DefaultDeadline,
            wanted.Count > 0 ? wanted : null,
            isRouted
        );
        return true;
    }

    /// <summary>Finds the fault of an idempotency key; null when it has none or there is no key.</summary>
    public static InputError? CheckKey(string? idempotencyKey) =>
        idempotencyKey is { Length: 0 or > MaxIdempotencyKeyLength }
            ? new InputError("Idempotency-Key", $"Idempotency-Key must have 1 to {MaxIdempotencyKeyLength} characters.")
            : null;

    private InputError? CheckDeadline(TimeSpan? asked)
    {
        var longest = options.Value.MaxDeadline;
        return asked < PredictionOptions.ShortestDeadline || asked > longest
            ? InputError.NotAllowed(
                PredictionRequest.DeadlineField,
                $"{asked.Value.TotalSeconds:0.###} s",
                $"from {PredictionOptions.ShortestDeadline.TotalSeconds:0} s to {longest.TotalSeconds:0} s"
            )
            : null;
    }
}
