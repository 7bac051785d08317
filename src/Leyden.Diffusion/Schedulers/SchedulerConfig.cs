namespace Leyden.Diffusion;

/// <summary>How much noise each training timestep adds.</summary>
public enum BetaSchedule
{
    /// <summary>Betas in equal steps (Ho et al. 2020, "Denoising Diffusion Probabilistic Models").</summary>
    Linear,

    /// <summary>Square roots of the betas in equal steps (Rombach et al. 2022, latent diffusion).</summary>
    ScaledLinear,

    /// <summary>The cosine schedule, betas at most 0.999 (Nichol and Dhariwal 2021).</summary>
    SquaredCosine,
}

/// <summary>What the model's answer means.</summary>
public enum PredictionType
{
    /// <summary>The noise in its input.</summary>
    Epsilon,

    /// <summary>The velocity √ᾱ·noise − √(1−ᾱ)·picture (Salimans and Ho 2022).</summary>
    VPrediction,
}

/// <summary>Where the timesteps of a run lie among those of the training (Lin et al. 2023, table 2).</summary>
public enum TimestepSpacing
{
    /// <summary>Equal steps from 0 upwards; the noisiest timestep is left out.</summary>
    Leading,

    /// <summary>Equal steps down from the noisiest timestep. SDXL-Lightning was distilled for this one.</summary>
    Trailing,

    /// <summary>Both ends and equal parts between them.</summary>
    Linspace,
}

/// <summary>The sigma after the last step.</summary>
public enum FinalSigma
{
    /// <summary>0: all noise is taken away.</summary>
    Zero,

    /// <summary>That of the first training timestep.</summary>
    SigmaMin,
}

/// <summary>
/// A model's noise schedule, and how the steps of a run lie in it: <c>scheduler_config.json</c> of a model directory.
/// The defaults are those of SDXL. A property that is null takes the default of the reference's class for each scheduler.
/// </summary>
public sealed record SchedulerConfig
{
    /// <summary>Timesteps of the training, at least 2.</summary>
    public int TrainTimesteps { get; init; } = 1000;

    /// <summary>Beta of the first training timestep, above 0.</summary>
    public double BetaStart { get; init; } = 0.00085;

    /// <summary>Beta of the last training timestep, below 1.</summary>
    public double BetaEnd { get; init; } = 0.012;

    /// <summary>The betas between them.</summary>
    public BetaSchedule BetaSchedule { get; init; } = BetaSchedule.ScaledLinear;

    /// <summary>All betas, <see cref="TrainTimesteps"/> of them, in place of start, end and schedule; null for none.</summary>
    public IReadOnlyList<double>? TrainedBetas { get; init; }

    /// <summary>What the model's answer means.</summary>
    public PredictionType PredictionType { get; init; } = PredictionType.Epsilon;

    /// <summary>Where the timesteps lie; null for leading in DDIM and PNDM, linspace in the others.</summary>
    public TimestepSpacing? TimestepSpacing { get; init; } = Diffusion.TimestepSpacing.Leading;

    /// <summary>Added to each timestep when the spacing is leading.</summary>
    public int StepsOffset { get; init; } = 1;

    /// <summary>
    /// For DDIM and PNDM: whether the last step ends without noise (true) or with that of the first training timestep (false);
    /// null for true in DDIM and false in PNDM.
    /// </summary>
    public bool? SetAlphaToOne { get; init; } = false;

    /// <summary>Whether sigmas are spaced as Karras et al. 2022 propose (rho 7). DDIM, PNDM and K_EULER_ANCESTRAL have no such choice.</summary>
    public bool UseKarrasSigmas { get; init; }

    /// <summary>
    /// Whether the last training timestep is made pure noise (Lin et al. 2023, algorithm 1).
    /// The reference has that for DDIM, the two DPM-Solvers and the two Euler methods; elsewhere it has no effect, as there.
    /// </summary>
    public bool RescaleBetasZeroSnr { get; init; }

    /// <summary>The sigma after the last step, for K_EULER and the DPM-Solvers.</summary>
    public FinalSigma FinalSigma { get; init; } = FinalSigma.Zero;

    /// <summary>Whether the DPM-Solvers' last step is of first order in runs under 15 steps.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <summary>Whether the DPM-Solvers' last step is of first order in any run.</summary>
    public bool EulerAtFinal { get; init; }

    /// <summary>The least ln(√ᾱ/√(1−ᾱ)) at which the DPM-Solvers start; minus infinity for no limit.</summary>
    public double LambdaMinClipped { get; init; } = double.NegativeInfinity;

    /// <summary>Reads <c>scheduler_config.json</c>. Which of the schedulers it was saved for does not matter.</summary>
    /// <exception cref="ModelDirectoryException">
    /// The file is missing, is not JSON, or has a value that is malformed or not supported; the message names the key, the value and what is allowed.
    /// </exception>
    public static SchedulerConfig Read(string path) => SchedulerConfigFile.Read(path);
}
