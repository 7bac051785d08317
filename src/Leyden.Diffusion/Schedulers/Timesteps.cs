namespace Leyden.Diffusion;

/// <summary>The timesteps of a run, noisiest first (Lin et al. 2023, table 2). Halves are rounded to the even neighbour.</summary>
internal static class Timesteps
{
    /// <summary>Whole timesteps of equal distance from an offset on; one that leads past the last timestep is reduced to what fits.</summary>
    public static double[] Leading(int count, int distance, int offset, int trainTimesteps)
    {
        var fitting = Math.Min(offset, trainTimesteps - 1 - ((count - 1) * distance));
        return Falling(count, i => (i * distance) + fitting);
    }

    /// <summary>
    /// Whole timesteps down from <paramref name="start"/> − 1. A smaller start gives fewer. The last of an unlucky number of steps is not
    /// followed by a timestep −1, as in the reference, where the quotient is rounded up.
    /// </summary>
    public static double[] Trailing(int count, int start, int trainTimesteps)
    {
        var distance = (double)trainTimesteps / count;
        var step = start - distance - start;
        var fitting = Math.Min(count, (int)Math.Ceiling(start / distance));
        return [.. Enumerable.Range(0, fitting).Select(i => Math.Round(start + (i * step)) - 1)];
    }

    /// <summary>Both ends 0 and <paramref name="last"/>, and equal parts between; 0 alone when only one is asked for.</summary>
    public static double[] Linspace(int count, int last)
    {
        var step = count > 1 ? (double)last / (count - 1) : 0;
        return Falling(count, i => i > 0 && i == count - 1 ? last : i * step);
    }

    /// <summary>Whole timesteps for the methods that step from one training timestep to another: DDIM and PNDM.</summary>
    public static int[] Whole(SchedulerConfig config, int steps)
    {
        var timesteps = Spaced(config, config.TimestepSpacing ?? TimestepSpacing.Leading, steps);
        return Array.ConvertAll(timesteps, timestep => (int)Math.Round(timestep));
    }

    /// <summary>The timesteps; those of linspace may lie between two of the training.</summary>
    public static double[] Spaced(SchedulerConfig config, TimestepSpacing spacing, int steps)
    {
        var trained = config.TrainTimesteps;
        return spacing switch
        {
            TimestepSpacing.Leading => Leading(steps, trained / steps, config.StepsOffset, trained),
            TimestepSpacing.Trailing => Trailing(steps, trained, trained),
            _ => Linspace(steps, trained - 1),
        };
    }

    private static double[] Falling(int count, Func<int, double> rising) =>
        [.. Enumerable.Range(0, count).Select(i => rising(count - 1 - i))];
}
