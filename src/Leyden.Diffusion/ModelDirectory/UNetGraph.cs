using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>The model that is called at every step: noisy latents, a time and the conditioning in, its prediction out.</summary>
/// <param name="File">The graph.</param>
/// <param name="Sample">Input of shape [rows, channels, height, width].</param>
/// <param name="Timestep">Input of one number, without or with one dimension, of a float or integer type.</param>
/// <param name="States">Input of shape [rows, tokens, width].</param>
/// <param name="Pooled">Input of shape [rows, width].</param>
/// <param name="TimeIds">Input of shape [rows, 6]: the picture's original size, crop and target size.</param>
/// <param name="Prediction">Output of the shape of the sample.</param>
/// <param name="Channels">Channels of the latents.</param>
/// <param name="Factor">Latent heights and widths must be multiples of this, for as often is the grid halved within.</param>
internal sealed record UNetGraph(
    OnnxFile File,
    GraphTensor Sample,
    GraphTensor Timestep,
    GraphTensor States,
    GraphTensor Pooled,
    GraphTensor TimeIds,
    GraphTensor Prediction,
    int Channels,
    int Factor
)
{
    /// <summary>Numbers in a row of <see cref="TimeIds"/>.</summary>
    public const int TimeIdCount = 6;

    private static readonly string[] InputNames =
    [
        "sample",
        "timestep",
        "encoder_hidden_states",
        "text_embeds",
        "time_ids",
    ];

    /// <summary>Rows of every call, where the graph fixes them.</summary>
    public int? FixedRows => Sample.Fixed(0);

    public static UNetGraph Read(string folder, TextEncoderGraph first, TextEncoderGraph second)
    {
        var config = ConfigFile.Read(Path.Combine(folder, "config.json"));
        var file = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        file.MustHaveInputs(InputNames);
        var channels = config.PositiveInteger("in_channels");
        CheckConfig(config, first, second, channels);
        var graph = new UNetGraph(
            file,
            file.Input("sample")!
                .MustBeFloat(file)
                .MustHaveRank(file, 4)
                .MustFit(file, 1, channels, $"'in_channels' of {config.Path}"),
            file.Input("timestep")!
                .MustBe(file, "float, float16, int32 or int64", TimestepTypes)
                .MustHaveRank(file, 0, 1),
            file.Input("encoder_hidden_states")!
                .MustBeFloat(file)
                .MustHaveRank(file, 3)
                .MustFit(file, 2, first.Width + second.Width, "the widths of both text encoders together"),
            file.Input("text_embeds")!
                .MustBeFloat(file)
                .MustHaveRank(file, 2)
                .MustFit(file, 1, second.PooledWidth, "the pooled width of the second text encoder"),
            file.Input("time_ids")!
                .MustBeFloat(file)
                .MustHaveRank(file, 2)
                .MustFit(file, 1, TimeIdCount, "original size, crop and target size"),
            file.MustHaveOutput("out_sample").MustBeFloat(file).MustHaveRank(file, 4),
            channels,
            1 << (config.ListLength("block_out_channels") - 1)
        );
        graph.CheckRows();
        return graph;
    }

    private static readonly TensorElementType[] TimestepTypes =
    [
        TensorElementType.Float,
        TensorElementType.Float16,
        TensorElementType.Int32,
        TensorElementType.Int64,
    ];

    private static void CheckConfig(ConfigFile config, TextEncoderGraph first, TextEncoderGraph second, int channels)
    {
        if (config.IntegerIfOne("out_channels") is { } written && written != channels)
        {
            throw config.Fault("out_channels", $"{channels} was expected, as 'in_channels' says");
        }

        if (config.IntegerIfOne("cross_attention_dim") is { } width && width != first.Width + second.Width)
        {
            throw config.Fault(
                "cross_attention_dim",
                $"{first.Width} + {second.Width} was expected, the widths of the text encoders"
            );
        }

        var added = config.IntegerIfOne("addition_time_embed_dim") * TimeIdCount + second.PooledWidth;
        if (
            config.IntegerIfOne("projection_class_embeddings_input_dim") is { } projected
            && added is { } expected
            && projected != expected
        )
        {
            throw config.Fault(
                "projection_class_embeddings_input_dim",
                $"{expected} was expected, {TimeIdCount} times 'addition_time_embed_dim' and the second encoder's pooled width"
            );
        }
    }

    private void CheckRows()
    {
        if (FixedRows is > 1)
        {
            throw new ModelDirectoryException(
                File.Path,
                $"'sample': a free number of rows, or 1, was expected, not {FixedRows}"
            );
        }

        foreach (var tensor in new[] { States, Pooled, TimeIds })
        {
            if (tensor.Fixed(0) is { } rows && rows != FixedRows)
            {
                throw new ModelDirectoryException(
                    File.Path,
                    $"'{tensor.Name}': as many rows as 'sample' were expected, not {rows}"
                );
            }
        }
    }
}
