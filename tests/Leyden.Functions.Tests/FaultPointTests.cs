using System.Collections.Concurrent;
using System.Globalization;
using Leyden.Functions.Tests.Infrastructure;
using Leyden.Predictions;
using Leyden.TestSupport;

namespace Leyden.Functions.Tests;

/// <summary>
/// Kills the host after each thing that it durably does for a prediction, one after the other, and starts it again. However it is
/// cut short, the prediction ends, is billed once, and its webhook comes. <c>LEYDEN_FAULT_POINTS=all</c> tries every point; otherwise every
/// few.
/// </summary>
public sealed class FaultPointTests(AzuriteFixture azurites)
{
    private const int MostPoints = 200;
    private const int AtOnce = 2;
    private const int UsualStride = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Stride => Environment.GetEnvironmentVariable("LEYDEN_FAULT_POINTS") == "all" ? 1 : UsualStride;

    [Fact]
    public async Task Killed_between_any_two_durable_writes_a_prediction_ends_billed_once_and_is_told()
    {
        var azurite = await azurites.GetAsync(Cancellation);
        var tried = new ConcurrentBag<Trial>();
        var last = MostPoints;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation };
        var points = Enumerable.Range(0, MostPoints / Stride).Select(i => 1 + (i * Stride)).Append(MostPoints);
        await Parallel.ForEachAsync(
            points,
            options,
            async (point, _) =>
            {
                if (point > Volatile.Read(ref last))
                {
                    return;
                }

                var trial = await TrialRun.RunAsync(azurite, point);
                tried.Add(trial);
                if (trial.Cut is null)
                {
                    Volatile.Write(ref last, Math.Min(Volatile.Read(ref last), point)); // no more is done than that
                }
            }
        );

        foreach (var trial in tried.OrderBy(t => t.Point))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{trial}");
        }

        Assert.Contains(tried, t => t.Cut is null);
        Assert.True(tried.Count(t => t.Cut is not null) >= 40 / Stride, "Too few points to prove anything.");
        // A host killed while the backend's answer was on its way can not know whether it is billed, and says so.
        var unknown = tried.Where(t => t.Outcome == FailureCodes.SubmissionUnknown).ToList();
        Assert.All(unknown, t => Assert.True(t.Cut is not null));
        Assert.All(tried.Except(unknown), t => Assert.Equal("success", t.Outcome));
        Assert.InRange(unknown.Count, 0, Math.Max(2, tried.Count / 8));
    }
}

/// <summary>What came of a prediction whose host was killed.</summary>
/// <param name="Point">After which of the things that it did.</param>
/// <param name="Cut">What that was; null when the prediction was through before.</param>
/// <param name="Outcome"><c>success</c>, or the failure's code.</param>
internal sealed record Trial(int Point, string? Cut, string Outcome)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Point, 3}  {Outcome, -20}  {Cut ?? "(not killed)"}");
}
