namespace Leyden.ModelServer.Predictions;

/// <summary>What a run made of one of its predictions.</summary>
/// <param name="Prediction">The prediction.</param>
/// <param name="Status">How it ends.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Pictures">Its pictures as PNG files; null when there are none.</param>
/// <param name="Lines">What there is to add to its log.</param>
internal sealed record RunEnd(
    Prediction Prediction,
    PredictionStatus Status,
    string? Error = null,
    IReadOnlyList<byte[]>? Pictures = null,
    params string[] Lines
)
{
    /// <summary>Ends the prediction.</summary>
    public void Apply(DateTimeOffset at, TimeSpan predictTime)
    {
        if (Pictures is not null && Status == PredictionStatus.Succeeded)
        {
            Prediction.Show(Pictures, Lines);
        }
        else
        {
            Prediction.Say(Lines);
        }

        if (Status == PredictionStatus.Canceled)
        {
            Prediction.EndCanceled(at, predictTime);
        }
        else
        {
            Prediction.End(Status, at, predictTime, Error);
        }
    }
}
