using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Turns texts into what the UNet reads: the states of both text encoders side by side, and the pooled state of the second
/// (Podell et al. 2023, "SDXL", section 2.1). Texts are encoded one at a time, so that no text depends on its neighbours.
/// </summary>
internal sealed class TextConditioning(SdxlDirectory model, SdxlSessions sessions, Workspace workspace)
{
    private readonly Dictionary<string, EncodedText> _encoded = new(StringComparer.Ordinal);
    private EncodedText? _zeros;
    private int _used;

    /// <summary>The conditioning of a text; equal texts share one.</summary>
    public EncodedText Of(string text, RunScope run)
    {
        if (!_encoded.TryGetValue(text, out var encoded))
        {
            encoded = Next();
            Encode(text, encoded, run);
            _encoded.Add(text, encoded);
        }

        return encoded;
    }

    /// <summary>The conditioning of a negative prompt. An empty one is no text for models that were trained so, but zeros.</summary>
    public EncodedText OfNegative(string text, RunScope run)
    {
        if (text.Length > 0 || !model.ZerosForEmptyPrompt)
        {
            return Of(text, run);
        }

        if (_zeros is null)
        {
            _zeros = Next();
            _zeros.States.Clear();
            _zeros.Pooled.Clear();
            _zeros.TokensCut = 0;
        }

        return _zeros;
    }

    private EncodedText Next()
    {
        var encoded = workspace.Text(_used++);
        encoded.States.Shape(model.UNet.States.Type, model.Tokens, model.TextEncoder.Width + model.TextEncoder2.Width);
        encoded.Pooled.Shape(model.UNet.Pooled.Type, model.TextEncoder2.PooledWidth);
        return encoded;
    }

    private void Encode(string text, EncodedText encoded, RunScope run)
    {
        var (first, second) = (model.TextEncoder, model.TextEncoder2);
        encoded.TokensCut = SetIds(first, model.Tokenizer, text);
        workspace.States.Shape(first.States.Type, 1, model.Tokens, first.Width);
        run.Run(sessions.TextEncoder, [(first.Ids, workspace.Ids)], [(first.States, workspace.States)]);

        encoded.TokensCut = Math.Max(encoded.TokensCut, SetIds(second, model.Tokenizer2, text));
        workspace.States2.Shape(second.States.Type, 1, model.Tokens, second.Width);
        workspace.Scratch.Shape(second.Pooled!.Type, 1, second.PooledWidth);
        run.Run(
            sessions.TextEncoder2,
            [(second.Ids, workspace.Ids)],
            [(second.States, workspace.States2), (second.Pooled, workspace.Scratch)]
        );

        var width = first.Width + second.Width;
        for (var token = 0; token < model.Tokens; token++)
        {
            workspace.States.CopyTo(token * first.Width, first.Width, encoded.States, token * width);
            workspace.States2.CopyTo(token * second.Width, second.Width, encoded.States, token * width + first.Width);
        }

        workspace.Scratch.CopyTo(0, second.PooledWidth, encoded.Pooled, 0);
    }

    private int SetIds(TextEncoderGraph encoder, ClipTokenizer tokenizer, string text)
    {
        var tokens = tokenizer.Tokenize(text);
        workspace.Ids.Shape(encoder.Ids.Type, 1, model.Tokens);
        if (encoder.Ids.Type == TensorElementType.Int64)
        {
            var ids = workspace.Ids.Elements<long>();
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = tokens.Ids[i];
            }
        }
        else
        {
            var ids = workspace.Ids.Elements<int>();
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = tokens.Ids[i];
            }
        }

        return tokens.Cut;
    }
}
