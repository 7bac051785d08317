namespace Leyden.Local.Generating;

/// <summary>Shows people on standard error how far predictions are.</summary>
internal interface IProgressDisplay
{
    /// <summary>Shows progress for as long as some work takes.</summary>
    Task<T> ShowAsync<T>(Func<Task<T>> work);

    /// <summary>Takes in how far one prediction is. Called by several at once.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="prediction">As it is now.</param>
    void Update(int index, PredictionView prediction);

    /// <summary>Says something in a line of its own.</summary>
    void Say(string line);
}
