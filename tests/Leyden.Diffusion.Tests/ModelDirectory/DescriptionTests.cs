using Leyden.Diffusion.Tests.Tiny;

namespace Leyden.Diffusion.Tests.ModelDirectory;

public sealed class DescriptionTests
{
    [Fact]
    public async Task The_description_comes_from_the_files()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();

        var model = pipeline.Model;

        Assert.Equal(
            ("tiny", "draws nothing", false, 4, 77),
            (model.Name, model.Notice, model.HasSafetyChecker, model.SizeStep, model.MaxTokens)
        );
        Assert.Matches("^[0-9a-f]{64}$", model.Sha256);
    }

    [Fact]
    public async Task Without_names_of_ours_the_directory_gives_its_own()
    {
        using var directory = new TinyDirectory();
        await File.WriteAllTextAsync(
            directory.File("model_index.json"),
            """{"_class_name": "StableDiffusionXLPipeline"}""",
            TestContext.Current.CancellationToken
        );
        await using var pipeline = directory.Open();

        Assert.Equal(Path.GetFileName(directory.Root), pipeline.Model.Name);
        Assert.Null(pipeline.Model.Notice);
    }

    [Theory]
    [InlineData("unet/model.onnx_data")]
    [InlineData("unet/config.json")]
    [InlineData("tokenizer/vocab.json")]
    [InlineData("scheduler/scheduler_config.json")]
    public void The_hash_tells_models_apart_and_copies_not(string changed)
    {
        using var directory = new TinyDirectory(new TinyModelOptions { ExternalData = true });
        using var copy = new TinyDirectory(new TinyModelOptions { ExternalData = true });
        File.WriteAllText(copy.File("README.md"), "not part of the model");
        Assert.Equal(Hash(directory), Hash(copy));

        File.AppendAllText(copy.File(changed), " ");

        Assert.NotEqual(Hash(directory), Hash(copy));
    }

    private static string Hash(TinyDirectory directory) => directory.Open().Model.Sha256;
}
