namespace Leyden.Diffusion;

/// <summary>Makes schedulers. The numbers are those of the schedulers of Hugging Face's diffusers, which models are published for.</summary>
public static class Scheduler
{
    /// <summary>Starts a denoising run of one picture. It is not for several threads, and not for a second run.</summary>
    /// <param name="kind">The method.</param>
    /// <param name="config">How the model was trained, and how its timesteps are placed.</param>
    /// <param name="steps">Denoising steps, 1…<see cref="SchedulerConfig.TrainTimesteps"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is out of range.</exception>
    public static IScheduler Create(SchedulerKind kind, SchedulerConfig config, int steps)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (steps < 1 || steps >= config.TrainTimesteps)
        {
            throw new ArgumentOutOfRangeException(
                nameof(steps),
                steps,
                $"A run has 1 to {config.TrainTimesteps - 1} steps, less than the model was trained with."
            );
        }

        return kind switch
        {
            SchedulerKind.Ddim => new Ddim(config, steps),
            SchedulerKind.DpmSolverMultistep => new DpmSolverMultistep(config, steps),
            SchedulerKind.HeunDiscrete => new Heun(config, steps),
            SchedulerKind.KarrasDpm => new DpmSolverMultistep(config with { UseKarrasSigmas = true }, steps),
            SchedulerKind.KEulerAncestral => new EulerAncestral(config, steps),
            SchedulerKind.KEuler => new Euler(config, steps),
            SchedulerKind.Pndm => new Pndm(config, steps),
            SchedulerKind.DpmPlusPlus2MSde => new Kdpm2Ancestral(config, steps),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This is no scheduler."),
        };
    }
}
