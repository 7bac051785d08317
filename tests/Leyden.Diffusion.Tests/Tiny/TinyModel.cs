using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>
/// A model in SDXL's layout whose numbers can be worked out by hand: tables for text encoders, a linear UNet, and a decoder that mixes
/// channels and repeats pixels. See <see cref="TinyMath"/> for the same in C#.
/// </summary>
internal static class TinyModel
{
    public const int Channels = 4;
    public const int Factor = 4;
    public const int Width1 = 3;
    public const int Width2 = 5;
    public const int Vocabulary = 514;
    public const int LabourSize = 768;

    public static string Write(string root, TinyModelOptions? options = null)
    {
        var o = options ?? new TinyModelOptions();
        Json(
            root,
            "model_index.json",
            new Dictionary<string, object>
            {
                ["_class_name"] = "ORTStableDiffusionXLPipeline",
                ["force_zeros_for_empty_prompt"] = o.ZerosForEmptyPrompt,
                ["leyden"] = new { name = "tiny", notice = "draws nothing" },
            }
        );
        WriteTokenizer(root, "tokenizer");
        WriteTokenizer(root, "tokenizer_2");
        WriteTextEncoder(root, "text_encoder", Width1, pooled: false, o);
        WriteTextEncoder(root, "text_encoder_2", Width2, pooled: true, o);
        WriteUNet(root, o);
        WriteVae(root, o);
        Json(
            root,
            "scheduler/scheduler_config.json",
            new Dictionary<string, object>
            {
                ["_class_name"] = "EulerDiscreteScheduler",
                ["num_train_timesteps"] = 1000,
                ["beta_start"] = 0.00085,
                ["beta_end"] = 0.012,
                ["beta_schedule"] = "scaled_linear",
                ["prediction_type"] = "epsilon",
                ["timestep_spacing"] = "trailing",
                ["steps_offset"] = 1,
            }
        );
        if (o.SafetyThreshold is { } threshold)
        {
            WriteSafetyChecker(root, threshold, o);
        }

        return root;
    }

    private static void WriteTokenizer(string root, string folder)
    {
        var vocabulary = new Dictionary<string, int>();
        foreach (var ending in new[] { "", "</w>" })
        {
            var beyond = 256;
            for (var value = 0; value < 256; value++)
            {
                var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
                vocabulary.Add((printable ? (char)value : (char)beyond++) + ending, vocabulary.Count);
            }
        }

        vocabulary.Add("<|startoftext|>", vocabulary.Count);
        vocabulary.Add("<|endoftext|>", vocabulary.Count);
        Json(root, $"{folder}/vocab.json", vocabulary);
        File.WriteAllText(Path.Combine(root, folder, "merges.txt"), "#version: 0.2\n");
        Json(
            root,
            $"{folder}/tokenizer_config.json",
            new { model_max_length = 77, pad_token = folder == "tokenizer" ? "<|endoftext|>" : "!" }
        );
    }

    private static void WriteTextEncoder(string root, string folder, int width, bool pooled, TinyModelOptions o)
    {
        Json(
            root,
            $"{folder}/config.json",
            pooled
                ? new
                {
                    hidden_size = width,
                    num_hidden_layers = 2,
                    projection_dim = width,
                }
                : (object)new { hidden_size = width, num_hidden_layers = 2 }
        );
        var table = new float[Vocabulary * width];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = TinyMath.Embedding(i / width, i % width, width);
        }

        var states = o.LastStateOnly ? "last_hidden_state" : "hidden_states.1";
        var writer = new OnnxWriter()
            .Input("input_ids", o.Ids, "batch_size", "sequence_length")
            .Weights("table", o.Float, [Vocabulary, width], table)
            .Node("Gather", "table input_ids", states)
            .Output(states, o.Float, "batch_size", "sequence_length", width);
        if (!o.LastStateOnly)
        {
            // What SDXL must not read.
            writer.Weights("hundred", o.Float, [], 100);
            foreach (var other in new[] { "last_hidden_state", "hidden_states.0", "hidden_states.2" })
            {
                writer
                    .Node("Add", $"{states} hundred", other)
                    .Output(other, o.Float, "batch_size", "sequence_length", width);
            }
        }

        if (pooled)
        {
            writer
                .Node("ReduceMean", states, "text_embeds", ("axes", List(1)), ("keepdims", 0))
                .Output("text_embeds", o.Float, "batch_size", "sequence_length");
        }

        Save(writer, root, folder, o);
    }

    private static void WriteUNet(string root, TinyModelOptions o)
    {
        Json(
            root,
            "unet/config.json",
            new
            {
                in_channels = Channels,
                out_channels = Channels,
                block_out_channels = List(8, 16),
                cross_attention_dim = Width1 + Width2,
                addition_time_embed_dim = 2,
                projection_class_embeddings_input_dim = 12 + Width2,
            }
        );
        object rows = o.OneRow ? 1 : "batch_size";
        var writer = new OnnxWriter()
            .Input("sample", o.Float, rows, Channels, "height", "width")
            .Input("timestep", o.Timestep, o.TimestepShape)
            .Input("encoder_hidden_states", o.Float, rows, "sequence_length", Width1 + Width2)
            .Input("text_embeds", o.Float, rows, Width2)
            .Input("time_ids", o.Float, rows, 6)
            .Weights("half", o.Float, [], TinyMath.SampleShare)
            .Weights("time_share", o.Float, [], TinyMath.TimeShare)
            .Weights("state_weights", o.Float, [Width1 + Width2, 1], TinyMath.StateWeights)
            .Weights("pooled_weights", o.Float, [Width2, 1], TinyMath.PooledWeights)
            .Weights("size_weights", o.Float, [6, 1], TinyMath.SizeWeights)
            .Integers("column", -1, 1, 1, 1)
            .Node("Mul", "sample half", "from_sample")
            .Node("Cast", "timestep", "time", ("to", (int)o.Float))
            .Node("Mul", "time time_share", "time_part")
            .Node("Reshape", "time_part column", "from_time")
            .Node("MatMul", "encoder_hidden_states state_weights", "state_products")
            .Node("ReduceMean", "state_products", "state_mean", ("axes", List(1)), ("keepdims", 0))
            .Node("Reshape", "state_mean column", "from_states")
            .Node("MatMul", "text_embeds pooled_weights", "pooled_product")
            .Node("Reshape", "pooled_product column", "from_pooled")
            .Node("MatMul", "time_ids size_weights", "size_product")
            .Node("Reshape", "size_product column", "from_size")
            .Node("Sum", "from_sample from_time from_states from_pooled from_size", "sum")
            .Output("out_sample", o.Float, rows, Channels, "height", "width");
        AddLabour(writer, o);
        Save(writer, root, "unet", o);
    }

    /// <summary>Products of matrices that are known when the graph runs only, so that nothing is prepared for each when it is opened.</summary>
    private static void AddLabour(OnnxWriter writer, TinyModelOptions o)
    {
        if (o.Labour == 0)
        {
            writer.Node("Identity", "sum", "out_sample");
            return;
        }

        writer
            .Weights("matrix", o.Float, [LabourSize, LabourSize], new float[LabourSize * LabourSize])
            .Node("Add", "matrix time_part", "labour0");
        for (var i = 0; i < o.Labour; i++)
        {
            writer.Node("MatMul", $"labour{i} labour0", $"labour{i + 1}");
        }

        writer
            .Node("ReduceSum", $"labour{o.Labour}", "nothing", ("keepdims", 0))
            .Node("Add", "sum nothing", "out_sample");
    }

    private static void WriteVae(string root, TinyModelOptions o)
    {
        var config = new Dictionary<string, object>
        {
            ["latent_channels"] = Channels,
            ["block_out_channels"] = List(4, 8, 8),
            ["scaling_factor"] = TinyMath.ScalingFactor,
        };
        if (o.LatentMoments)
        {
            config["latents_mean"] = TinyMath.LatentMean;
            config["latents_std"] = TinyMath.LatentDeviation;
        }

        Json(root, "vae_decoder/config.json", config);
        var writer = new OnnxWriter()
            .Input("latent_sample", o.VaeFloat, "batch_size", Channels, "latent_height", "latent_width")
            .Weights("mix", o.VaeFloat, [3, Channels, 1, 1], TinyMath.Mix)
            .Weights("divisor", o.VaeFloat, [], o.BrokenVae ? 0 : 1)
            .Weights("scales", TensorElementType.Float, [4], 1, 1, Factor, Factor)
            .Node("Conv", "latent_sample mix", "mixed")
            .Node("Sub", "mixed mixed", "zero")
            .Node("Div", o.BrokenVae ? "zero divisor" : "mixed divisor", "small")
            .Node(
                "Resize",
                "small - scales",
                "sample",
                ("mode", "nearest"),
                ("coordinate_transformation_mode", "asymmetric"),
                ("nearest_mode", "floor")
            )
            .Output("sample", o.VaeFloat, "batch_size", 3, "height", "width");
        Save(writer, root, "vae_decoder", o);
    }

    private static void WriteSafetyChecker(string root, float threshold, TinyModelOptions o)
    {
        Json(
            root,
            "feature_extractor/preprocessor_config.json",
            new
            {
                crop_size = 8,
                size = 8,
                resample = 3,
                image_mean = Enumerable.Repeat(0.5, 3),
                image_std = Enumerable.Repeat(0.25, 3),
            }
        );
        var writer = new OnnxWriter()
            .Input("clip_input", o.Float, "batch", "channels", "height", "width")
            .Weights("threshold", o.Float, [], threshold)
            .Node("ReduceMean", "clip_input", "mean", ("axes", List(1, 2, 3)), ("keepdims", 0))
            .Node("Greater", "mean threshold", "has_nsfw_concepts")
            .Output("has_nsfw_concepts", TensorElementType.Bool, "batch");
        if (o.CheckerTakesImages)
        {
            writer
                .Input("images", o.Float, "batch", "height", "width", "channels")
                .Node("Identity", "images", "out_images")
                .Output("out_images", o.Float, "batch", "height", "width", "channels");
        }

        Save(writer, root, "safety_checker", o);
    }

    private static int[] List(params int[] numbers) => numbers;

    private static void Save(OnnxWriter writer, string root, string folder, TinyModelOptions o) =>
        writer.Save(Path.Combine(root, folder, "model.onnx"), o.ExternalData ? "model.onnx_data" : null);

    private static void Json(string root, string name, object value)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(value));
    }
}
