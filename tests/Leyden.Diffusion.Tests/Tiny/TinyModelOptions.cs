using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>What varies between small models of the same layout.</summary>
internal sealed record TinyModelOptions
{
    public TensorElementType Float { get; init; } = TensorElementType.Float;

    public TensorElementType VaeFloat { get; init; } = TensorElementType.Float;

    public TensorElementType Ids { get; init; } = TensorElementType.Int64;

    public TensorElementType Timestep { get; init; } = TensorElementType.Float;

    public object[] TimestepShape { get; init; } = [];

    public bool ExternalData { get; init; }

    /// <summary>Whether the UNet's graph is made for one row only.</summary>
    public bool OneRow { get; init; }

    /// <summary>Whether the text encoders have last_hidden_state only.</summary>
    public bool LastStateOnly { get; init; }

    public bool ZerosForEmptyPrompt { get; init; } = true;

    public bool LatentMoments { get; init; }

    /// <summary>Pictures with a mean above this are unsafe (after mean 0.5 and deviation 0.25); null for no checker.</summary>
    public float? SafetyThreshold { get; init; }

    /// <summary>Whether the safety checker also takes the picture itself, as diffusers' export does.</summary>
    public bool CheckerTakesImages { get; init; } = true;

    /// <summary>Matrix products in a row in the UNet, to keep it busy.</summary>
    public int Labour { get; init; }

    /// <summary>Whether the decoder divides nothing by nothing.</summary>
    public bool BrokenVae { get; init; }
}
