namespace Leyden.ModelServer.Predictions;

/// <summary>What came of a request for a prediction.</summary>
internal abstract record Admission
{
    /// <summary>It is a new one, waiting or running.</summary>
    public sealed record Accepted(Prediction Prediction) : Admission;

    /// <summary>One with this id has not ended yet; nothing was started.</summary>
    public sealed record AlreadyRunning(Prediction Prediction) : Admission;

    /// <summary>Slots and queue are full, or too many webhooks are under way.</summary>
    public sealed record AtCapacity(string Reason) : Admission;

    /// <summary>The model is not loaded, has broken down, or the server stops.</summary>
    public sealed record NotReady(string Reason) : Admission;
}

/// <summary>How busy the desk is.</summary>
/// <param name="Running">Runs that hold a slot.</param>
/// <param name="Waiting">Predictions that wait.</param>
/// <param name="IsFull">Whether another prediction would be refused.</param>
internal readonly record struct DeskLoad(int Running, int Waiting, bool IsFull);
