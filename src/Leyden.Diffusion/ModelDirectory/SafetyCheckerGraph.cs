using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>The safety checker as diffusers exports it: a CLIP vision model that answers whether a picture is unsafe.</summary>
/// <param name="File">The graph.</param>
/// <param name="ClipInput">Input of shape [1, 3, height, width]: the picture, pre-processed.</param>
/// <param name="Images">Input of shape [1, height, width, 3], 0…1: the picture, which the graph may blacken; null when it has none.</param>
/// <param name="Flags">Output of shape [1], bool.</param>
/// <param name="Preprocessing">How the picture becomes the vision model's input.</param>
internal sealed record SafetyCheckerGraph(
    OnnxFile File,
    GraphTensor ClipInput,
    GraphTensor? Images,
    GraphTensor Flags,
    ImagePreprocessing Preprocessing
)
{
    /// <summary>The safety checker of a model directory, or null when it has none.</summary>
    public static SafetyCheckerGraph? Read(string root)
    {
        var folder = Path.Combine(root, "safety_checker");
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var file = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        var images = file.Input("images");
        file.MustHaveInputs(images is null ? ["clip_input"] : ["clip_input", "images"]);
        var preprocessing = ImagePreprocessing.Read(
            ConfigFile.Read(Path.Combine(root, "feature_extractor", "preprocessor_config.json"))
        );
        var clip = file.Input("clip_input")!
            .MustBeFloat(file)
            .MustHaveRank(file, 4)
            .MustFit(file, 0, 1, "one picture a call")
            .MustFit(file, 1, 3, "red, green and blue")
            .MustFit(file, 2, preprocessing.Height, "the height that the feature extractor makes")
            .MustFit(file, 3, preprocessing.Width, "the width that the feature extractor makes");
        images?.MustBeFloat(file).MustHaveRank(file, 4).MustFit(file, 0, 1, "one picture a call");
        var flags = file.MustHaveOutput("has_nsfw_concepts").MustBe(file, "bool", TensorElementType.Bool);
        return new SafetyCheckerGraph(file, clip, images, flags, preprocessing);
    }
}
