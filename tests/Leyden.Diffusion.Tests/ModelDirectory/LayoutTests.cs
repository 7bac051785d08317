using System.Text.Json.Nodes;
using Leyden.Diffusion.Tests.Tiny;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.ModelDirectory;

/// <summary>Directories that can not be used: the message names the file and what was expected of it.</summary>
public sealed class LayoutTests
{
    private static readonly TinyModelOptions Full = new() { ExternalData = true, SafetyThreshold = 0 };

    private static readonly string[] Files =
    [
        "model_index.json",
        "tokenizer/vocab.json",
        "tokenizer/merges.txt",
        "tokenizer_2/vocab.json",
        "tokenizer_2/merges.txt",
        "text_encoder/config.json",
        "text_encoder/model.onnx",
        "text_encoder/model.onnx_data",
        "text_encoder_2/config.json",
        "text_encoder_2/model.onnx",
        "text_encoder_2/model.onnx_data",
        "unet/config.json",
        "unet/model.onnx",
        "unet/model.onnx_data",
        "vae_decoder/config.json",
        "vae_decoder/model.onnx",
        "vae_decoder/model.onnx_data",
        "scheduler/scheduler_config.json",
        "safety_checker/model.onnx",
        "feature_extractor/preprocessor_config.json",
    ];

    public static TheoryData<string> AllFiles() => [.. Files];

    public static TheoryData<string> ReadableFiles() =>
        [.. Files.Where(f => !f.EndsWith("_data", StringComparison.Ordinal))];

    /// <summary>All but lists of merges, which may end at any line.</summary>
    public static TheoryData<string> FilesWithAnEnd() =>
        [
            .. Files.Where(f =>
                f.EndsWith(".json", StringComparison.Ordinal) || f.EndsWith(".onnx", StringComparison.Ordinal)
            ),
        ];

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void A_missing_file_is_named(string name)
    {
        using var directory = new TinyDirectory(Full);
        File.Delete(directory.File(name));

        Refused(directory, name);
    }

    [Theory]
    [MemberData(nameof(ReadableFiles))]
    public void A_malformed_file_is_named(string name)
    {
        using var directory = new TinyDirectory(Full);
        File.WriteAllText(directory.File(name), "<html>404</html>");

        Refused(directory, name);
    }

    [Theory]
    [MemberData(nameof(FilesWithAnEnd))]
    public void A_file_that_is_cut_short_is_named(string name)
    {
        using var directory = new TinyDirectory(Full);
        var bytes = File.ReadAllBytes(directory.File(name));
        File.WriteAllBytes(directory.File(name), bytes[..(bytes.Length / 2)]);

        Refused(directory, name);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_named()
    {
        var fault = Assert.Throws<ModelDirectoryException>(() =>
            SdxlPipeline.Open("/nowhere/sdxl", new PipelineOptions())
        );

        Assert.Equal("/nowhere/sdxl: a directory with a model was expected", fault.Message);
    }

    public static TheoryData<string, string, string, string> Contradictions() =>
        new()
        {
            {
                "model_index.json",
                "_class_name",
                "\"StableDiffusionPipeline\"",
                "a StableDiffusionXLPipeline was expected"
            },
            { "model_index.json", "_class_name", "null", "'_class_name': a text was expected" },
            {
                "model_index.json",
                "force_zeros_for_empty_prompt",
                "\"yes\"",
                "true or false was expected, not \"yes\""
            },
            { "model_index.json", "requires_aesthetics_score", "true", "not a refiner" },
            { "model_index.json", "leyden", "[]", "'leyden': an object was expected" },
            {
                "text_encoder/config.json",
                "hidden_size",
                "4",
                "text_encoder/model.onnx: 'hidden_states.1': dimension 2 was expected to be 4"
            },
            { "text_encoder/config.json", "num_hidden_layers", "7", "an output 'hidden_states.6' was expected" },
            { "text_encoder/config.json", "hidden_size", "null", "a positive whole number was expected" },
            { "text_encoder_2/config.json", "projection_dim", "0", "a positive whole number was expected, not 0" },
            {
                "text_encoder_2/config.json",
                "projection_dim",
                "6",
                "'projection_class_embeddings_input_dim': 18 was expected"
            },
            { "text_encoder/config.json", "vocab_size", "513", "tokenizer: ids below 513 were expected" },
            { "text_encoder_2/config.json", "vocab_size", "100", "tokenizer_2: ids below 100 were expected" },
            { "unet/config.json", "in_channels", "9", "'out_channels': 9 was expected" },
            { "unet/config.json", "out_channels", "8", "'out_channels': 4 was expected, as 'in_channels' says, not 8" },
            { "unet/config.json", "cross_attention_dim", "2048", "'cross_attention_dim': 3 + 5 was expected" },
            { "unet/config.json", "block_out_channels", "[]", "a list with at least one entry was expected" },
            { "vae_decoder/config.json", "latent_channels", "16", "4 was expected, 'in_channels' of the UNet, not 16" },
            { "vae_decoder/config.json", "scaling_factor", "null", "'scaling_factor': a positive number was expected" },
            { "vae_decoder/config.json", "scaling_factor", "-1", "a positive number was expected, not -1" },
            { "vae_decoder/config.json", "latents_mean", "[1, 2]", "a list of 4 numbers was expected, not [1,2]" },
            {
                "vae_decoder/config.json",
                "latents_mean",
                "[1, 2, 3, 4]",
                "'latents_mean' and 'latents_std' were expected together"
            },
            { "scheduler/scheduler_config.json", "prediction_type", "\"flow\"", "flow" },
            {
                "feature_extractor/preprocessor_config.json",
                "resample",
                "1",
                "2 (bilinear) or 3 (bicubic) was expected, not 1"
            },
            {
                "feature_extractor/preprocessor_config.json",
                "image_std",
                "[0, 1, 1]",
                "positive numbers were expected"
            },
            {
                "feature_extractor/preprocessor_config.json",
                "image_mean",
                "[0, 1]",
                "a list of 3 numbers was expected"
            },
        };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void What_contradicts_or_is_out_of_range_is_named(string name, string key, string value, string message)
    {
        using var directory = new TinyDirectory(Full);
        var json = JsonNode.Parse(File.ReadAllText(directory.File(name)))!;
        json[key] = JsonNode.Parse(value);
        File.WriteAllText(directory.File(name), json.ToJsonString());
        var fault = Assert.Throws<ModelDirectoryException>(() => directory.Open());

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains(directory.Root, fault.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "sample",
        TensorElementType.Double,
        4,
        "'sample': elements of type float or float16 were expected, not Double"
    )]
    [InlineData("sample", TensorElementType.Float, 5, "'sample': dimension 1 was expected to be 4")]
    [InlineData("latents", TensorElementType.Float, 4, "an input 'sample' was expected; the graph has 'latents'")]
    public void A_UNet_with_other_inputs_is_named(string input, TensorElementType type, int channels, string message)
    {
        using var directory = new TinyDirectory();
        new OnnxWriter()
            .Input(input, type, "batch", channels, "height", "width")
            .Input("timestep", TensorElementType.Float)
            .Input("encoder_hidden_states", TensorElementType.Float, "batch", "sequence", 8)
            .Input("text_embeds", TensorElementType.Float, "batch", 5)
            .Input("time_ids", TensorElementType.Float, "batch", 6)
            .Node("Identity", input, "out_sample")
            .Output("out_sample", type, "batch", channels, "height", "width")
            .Save(directory.File("unet/model.onnx"));

        Assert.Contains(message, Refused(directory, "unet/model.onnx").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_nobody_knows_is_named()
    {
        using var directory = new TinyDirectory();
        new OnnxWriter()
            .Input("latent_sample", TensorElementType.Float, "batch", 4, "height", "width")
            .Input("generator", TensorElementType.Float)
            .Node("Identity", "latent_sample", "sample")
            .Output("sample", TensorElementType.Float, "batch", 3, "height", "width")
            .Save(directory.File("vae_decoder/model.onnx"));

        Assert.Contains(
            "the input 'generator' is not known; expected were 'latent_sample'",
            Refused(directory, "vae_decoder/model.onnx").Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_outside_of_the_graphs_folder_are_refused()
    {
        using var directory = new TinyDirectory(Full);
        var path = directory.File("unet/model.onnx");
        File.WriteAllBytes(path, Replace(File.ReadAllBytes(path), "model.onnx_data"u8, "../../etc/passw"u8));

        Assert.Contains(
            "not in its own folder",
            Refused(directory, "unet/model.onnx").Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_graph_that_ONNX_Runtime_can_not_open_is_named_when_it_is_opened()
    {
        using var directory = new TinyDirectory();
        new OnnxWriter()
            .Input("latent_sample", TensorElementType.Float, "batch", 4, "height", "width")
            .Node("NoSuchOperator", "latent_sample", "sample")
            .Output("sample", TensorElementType.Float, "batch", 3, "height", "width")
            .Save(directory.File("vae_decoder/model.onnx"));
        await using var pipeline = directory.Open();

        var fault = await Assert.ThrowsAsync<ModelDirectoryException>(() =>
            pipeline.WarmUpAsync(TestContext.Current.CancellationToken)
        );

        Assert.Equal(directory.File("vae_decoder/model.onnx"), fault.Path);
        Assert.Contains("NoSuchOperator", fault.Message, StringComparison.Ordinal);
    }

    private static ModelDirectoryException Refused(TinyDirectory directory, string name)
    {
        var fault = Assert.Throws<ModelDirectoryException>(() => directory.Open());
        Assert.Contains(directory.File(name), fault.Message, StringComparison.Ordinal);
        return fault;
    }

    private static byte[] Replace(byte[] bytes, ReadOnlySpan<byte> old, ReadOnlySpan<byte> replacement)
    {
        for (int from = 0, at; (at = bytes.AsSpan(from).IndexOf(old)) >= 0; from += at + old.Length)
        {
            replacement.CopyTo(bytes.AsSpan(from + at));
        }

        return bytes;
    }
}
