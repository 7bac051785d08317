using Leyden.Predictions;

namespace Leyden.Backends.Eachlabs;

/// <summary>What the answer to a create means. In doubt it was accepted: a create is billed and not idempotent.</summary>
/// <param name="apiKey">Kept out of every text.</param>
internal sealed class EachlabsSubmitMapper(string? apiKey)
{
    public SubmitOutcome Map(EachlabsAnswer answer) =>
        answer switch
        {
            EachlabsAnswer.NotSent notSent => new SubmitOutcome.NotSent(
                new PredictionFailure(
                    FailureCodes.BackendUnavailable,
                    Retryable: true,
                    $"Eachlabs could not be reached: {notSent.Reason}. Nothing was sent or billed."
                )
            ),
            EachlabsAnswer.Lost lost => Unknown(lost.Reason, null),
            EachlabsAnswer.Received received => Map(received),
            _ => throw new InvalidOperationException("A request has an outcome that the mapper does not know."),
        };

    private SubmitOutcome Map(EachlabsAnswer.Received answer) =>
        answer.Status switch
        {
            >= 200 and < 300 => MapAccepted(answer),
            429 => new SubmitOutcome.Throttled(answer.RetryAfter),
            // Of a proxy: it may have passed the request on before it lost patience.
            408 => Unknown("it answered 408", DetailOf(answer)),
            >= 300 and < 500 => new SubmitOutcome.Rejected(Refusal(answer)),
            var status => Unknown($"it answered {status}", DetailOf(answer)),
        };

    private SubmitOutcome MapAccepted(EachlabsAnswer.Received answer)
    {
        if (!EachlabsJson.TryRead(answer, out CreatedAnswer? created))
        {
            return Unknown("its answer was not the JSON of a created prediction", null);
        }

        return EachlabsId.TryParse(created.PredictionId, out var id)
            ? new SubmitOutcome.Accepted(id.ToString())
            : Unknown("its answer had no usable predictionID", DetailOf(answer));
    }

    private PredictionFailure Refusal(EachlabsAnswer.Received answer)
    {
        var (code, message) = answer.Status switch
        {
            400 or 422 => (FailureCodes.InvalidInput, "Eachlabs refused the input. Correct it as the detail says."),
            413 => (FailureCodes.InvalidInput, "Eachlabs refused the input because it is too large."),
            401 => (
                FailureCodes.BackendRejected,
                "Eachlabs does not accept the key. Set Leyden:Eachlabs:ApiKey (or EACHLABS_API_KEY) to a valid one."
            ),
            402 => (FailureCodes.BackendRejected, "Eachlabs wants payment. Top up the account's balance there."),
            403 => (FailureCodes.BackendRejected, "Eachlabs does not allow this key to run this model."),
            404 => (FailureCodes.BackendRejected, "Eachlabs does not know this model or version. Check their names."),
            < 400 => (
                FailureCodes.BackendRejected,
                $"Eachlabs answered with a redirect ({answer.Status}). Set Leyden:Eachlabs:BaseUrl to where it leads."
            ),
            var status => (FailureCodes.BackendRejected, $"Eachlabs refused the prediction with status {status}."),
        };
        return new PredictionFailure(code, Retryable: false, message, DetailOf(answer));
    }

    private static SubmitOutcome.Unknown Unknown(string reason, string? detail) =>
        new(
            new PredictionFailure(
                FailureCodes.SubmissionUnknown,
                Retryable: false,
                $"Eachlabs was asked to run the prediction, but {reason}: it may run, and it may be billed. "
                    + "Look there before asking again.",
                detail
            )
        );

    private string? DetailOf(EachlabsAnswer.Received answer) => EachlabsDetail.Of(answer, apiKey);
}
