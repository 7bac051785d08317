namespace Leyden.Diffusion;

/// <summary>The native memory of one run; the next run uses it again, so that a pipeline holds one for each run at the same time.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly List<EncodedText> _texts = [];

    public NativeTensor Ids { get; } = new();

    public NativeTensor States { get; } = new();

    public NativeTensor States2 { get; } = new();

    /// <summary>Float [pictures, channels, height, width]: what is denoised.</summary>
    public NativeTensor Latents { get; private set; } = new();

    /// <summary>The same of the pictures that are next.</summary>
    public NativeTensor NextLatents { get; private set; } = new();

    /// <summary>Float, of one picture: the scaled latents, and later those that are decoded.</summary>
    public NativeTensor Scratch { get; } = new();

    /// <summary>Float [rows, channels, height, width]: what the UNet answered.</summary>
    public NativeTensor Predictions { get; } = new();

    public NativeTensor Sample { get; } = new();

    public NativeTensor Timestep { get; } = new();

    public NativeTensor RowStates { get; } = new();

    public NativeTensor RowPooled { get; } = new();

    public NativeTensor TimeIds { get; } = new();

    public NativeTensor Answer { get; } = new();

    public NativeTensor VaeInput { get; } = new();

    public NativeTensor Pixels { get; } = new();

    public NativeTensor ClipInput { get; } = new();

    public NativeTensor Images { get; } = new();

    public NativeTensor Flags { get; } = new();

    /// <summary>Room for the conditioning of the text with this number, 0 and up.</summary>
    public EncodedText Text(int number)
    {
        while (_texts.Count <= number)
        {
            _texts.Add(new EncodedText());
        }

        return _texts[number];
    }

    public void TurnToNextLatents() => (Latents, NextLatents) = (NextLatents, Latents);

    public void Dispose()
    {
        foreach (
            var tensor in new[]
            {
                Ids,
                States,
                States2,
                Latents,
                NextLatents,
                Scratch,
                Predictions,
                Sample,
                Timestep,
                RowStates,
                RowPooled,
                TimeIds,
                Answer,
                VaeInput,
                Pixels,
                ClipInput,
                Images,
                Flags,
            }
        )
        {
            tensor.Dispose();
        }

        _texts.ForEach(t => t.Dispose());
    }
}

/// <summary>What the UNet is told of a text.</summary>
internal sealed class EncodedText : IDisposable
{
    /// <summary>The states of both encoders side by side, [tokens, width], of the type that the UNet reads.</summary>
    public NativeTensor States { get; } = new();

    /// <summary>The pooled state of the second encoder, [width].</summary>
    public NativeTensor Pooled { get; } = new();

    /// <summary>How many tokens did not fit.</summary>
    public int TokensCut { get; set; }

    public void Dispose()
    {
        States.Dispose();
        Pooled.Dispose();
    }
}
