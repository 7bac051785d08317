using Leyden.Backends;
using Leyden.Outputs;
using Leyden.Predictions;

namespace Leyden.Orchestration;

/// <summary>What a backend's run writes into the record at its end, whatever kind of backend it was.</summary>
internal static class RunResults
{
    /// <summary>A run whose pictures are stored.</summary>
    public static Prediction Succeeded(
        Prediction prediction,
        RunOutcome.Succeeded run,
        IReadOnlyList<PredictionOutput> pictures,
        EndReason reason = EndReason.None
    )
    {
        var ended = prediction with
        {
            Status = PredictionStatus.Succeeded,
            Outputs = pictures,
            PredictTime = run.PredictTime,
            Cost = run.Cost,
            Logs = run.Logs,
        };
        ended = run.Note is null ? ended : ended.WithNote(run.Note);
        var asked = prediction.Input["num_outputs"]?.GetValue<int>();
        if (prediction.Model == SdxlLightningInput.Model && asked > pictures.Count)
        {
            ended = ended.WithNote($"{pictures.Count} of {asked} pictures: the safety checker dropped the others.");
        }

        // By the record too: a cancel may come while the pictures are fetched.
        return reason == EndReason.Cancel || prediction.CancelRequestedAt is not null
                ? ended.WithNote("The cancel came too late: the backend had finished.")
            : reason == EndReason.Deadline ? ended.WithNote("The deadline had passed, but the backend had finished.")
            : ended;
    }

    /// <summary>A run without a result.</summary>
    public static Prediction Failed(
        Prediction prediction,
        PredictionFailure failure,
        TimeSpan? predictTime,
        decimal? cost,
        string? logs = null
    ) =>
        prediction with
        {
            Status = PredictionStatus.Failed,
            Failure = failure,
            PredictTime = predictTime,
            Cost = cost,
            Logs = logs,
        };

    /// <summary>A run that the backend has stopped.</summary>
    public static Prediction Stopped(Prediction prediction, EndReason reason) =>
        reason switch
        {
            EndReason.Deadline => prediction with
            {
                Status = PredictionStatus.Failed,
                Failure = EndPrediction.DeadlineExceeded(),
            },
            EndReason.Cancel => prediction with { Status = PredictionStatus.Canceled },
            _ => (prediction with { Status = PredictionStatus.Canceled }).WithNote(
                $"Canceled at {prediction.Backend}."
            ),
        };
}
