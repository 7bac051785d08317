using System.Globalization;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>A CLIP text encoder: token ids in, a state per token out, and of the second one also the pooled state.</summary>
/// <param name="File">The graph.</param>
/// <param name="Ids">Input of shape [texts, tokens], int32 or int64.</param>
/// <param name="States">Output of shape [texts, tokens, Width]: the states before the last layer, which SDXL reads.</param>
/// <param name="Width">Numbers of a token's state.</param>
/// <param name="Pooled">Output of shape [texts, PooledWidth]; null for the first encoder.</param>
/// <param name="PooledWidth">Numbers of the pooled state, 0 for the first encoder.</param>
/// <param name="Vocabulary">Ids that it knows, from 0; null when its configuration does not say.</param>
internal sealed record TextEncoderGraph(
    OnnxFile File,
    GraphTensor Ids,
    GraphTensor States,
    int Width,
    GraphTensor? Pooled,
    int PooledWidth,
    int? Vocabulary
)
{
    public static TextEncoderGraph Read(string folder, bool pooled)
    {
        var config = ConfigFile.Read(Path.Combine(folder, "config.json"));
        var file = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        file.MustHaveInputs(["input_ids"]);
        var ids = file.Input("input_ids")!
            .MustBe(file, "int32 or int64", TensorElementType.Int32, TensorElementType.Int64)
            .MustHaveRank(file, 2);
        var states = FindStates(file, config).MustBeFloat(file).MustHaveRank(file, 3);
        var width = config.PositiveInteger("hidden_size");
        states.MustFit(file, 2, width, $"'hidden_size' of {config.Path}");
        var vocabulary = config.OptionalPositiveInteger("vocab_size");
        if (!pooled)
        {
            return new TextEncoderGraph(file, ids, states, width, null, 0, vocabulary);
        }

        var embeds =
            file.Output("text_embeds")
            ?? throw new ModelDirectoryException(
                file.Path,
                "an output 'text_embeds' was expected: a text model with projection"
            );
        var pooledWidth = config.PositiveInteger("projection_dim");
        embeds
            .MustBeFloat(file)
            .MustHaveRank(file, 2)
            .MustFit(file, 1, pooledWidth, $"'projection_dim' of {config.Path}");
        return new TextEncoderGraph(file, ids, states, width, embeds, pooledWidth, vocabulary);
    }

    /// <summary>
    /// Optimum numbers the states from 0, the embeddings, to the number of layers; SDXL reads the last but one.
    /// A graph with the last state only ends where its states are meant to be read.
    /// </summary>
    private static GraphTensor FindStates(OnnxFile file, ConfigFile config)
    {
        var layers = config.PositiveInteger("num_hidden_layers");
        var name = string.Create(CultureInfo.InvariantCulture, $"hidden_states.{layers - 1}");
        if (file.Output(name) is { } states)
        {
            return states;
        }

        var numbered = file.Outputs.Any(o => o.Name.StartsWith("hidden_states.", StringComparison.Ordinal));
        return !numbered && file.Output("last_hidden_state") is { } last
            ? last
            : throw new ModelDirectoryException(
                file.Path,
                $"an output '{name}' was expected ('num_hidden_layers' of {config.Path} is {layers}), "
                    + "or 'last_hidden_state' and no others of the kind"
            );
    }
}
