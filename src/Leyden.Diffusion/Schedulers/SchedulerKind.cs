namespace Leyden.Diffusion;

/// <summary>The schedulers that SDXL-Lightning offers.</summary>
public enum SchedulerKind
{
    /// <summary>Denoising diffusion implicit models, deterministic (eta 0).</summary>
    Ddim,

    /// <summary>DPM-Solver++ (2M), multistep.</summary>
    DpmSolverMultistep,

    /// <summary>Heun's method on the sigmas of Karras et al., two model calls a step.</summary>
    HeunDiscrete,

    /// <summary>DPM-Solver++ (2M) on Karras sigmas.</summary>
    KarrasDpm,

    /// <summary>Euler with ancestral noise.</summary>
    KEulerAncestral,

    /// <summary>Euler.</summary>
    KEuler,

    /// <summary>Pseudo numerical methods for diffusion models.</summary>
    Pndm,

    /// <summary>What the published model runs under this name: KDPM2 with ancestral noise.</summary>
    DpmPlusPlus2MSde,
}
