using Leyden.Diffusion.Tests.Tiny;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.Pipeline;

/// <summary>Whole pictures against the same worked out in C#: what goes into each graph, in which order, and what is done with the answer.</summary>
public sealed class TrajectoryTests
{
    private const string Prompt = "a red circle on a blue background";
    private const string Negative = "worst quality";

    private static readonly Dictionary<string, TinyModelOptions> Variants = new()
    {
        ["float32"] = new(),
        ["float16"] = new() { Float = TensorElementType.Float16, VaeFloat = TensorElementType.Float16 },
        ["float16 with a float32 decoder"] = new() { Float = TensorElementType.Float16 },
        ["int32 ids"] = new() { Ids = TensorElementType.Int32 },
        ["external data"] = new() { ExternalData = true },
        ["int64 timestep of one dimension"] = new() { Timestep = TensorElementType.Int64, TimestepShape = [1] },
        ["int32 timestep"] = new() { Timestep = TensorElementType.Int32 },
        ["float16 timestep of a free dimension"] = new()
        {
            Timestep = TensorElementType.Float16,
            TimestepShape = ["steps"],
        },
        ["one row a call"] = new() { OneRow = true },
        ["last state only"] = new() { LastStateOnly = true },
        ["mean and deviation of the latents"] = new() { LatentMoments = true },
    };

    private static readonly double[] Guidances = [0, 2.5];

    public static TheoryData<string, double> Cases() =>
        [.. Variants.Keys.SelectMany(v => Guidances.Select(g => new TheoryDataRow<string, double>(v, g)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_picture_is_what_the_arithmetic_says(string variant, double guidance)
    {
        var options = Variants[variant];
        using var directory = new TinyDirectory(options);
        await using var pipeline = directory.Open();
        var settings = new BatchSettings(24, 16, SchedulerKind.KEuler, 3, guidance, false);

        var picture = Assert.Single(
            await pipeline.GenerateAsync(
                settings,
                [new PictureRequest(Prompt, Negative, 7)],
                null,
                TestContext.Current.CancellationToken
            )
        );

        var (image, expected) = (picture.Image, Expected(directory, settings, Negative, 7, options));
        Assert.Equal((24, 16), (image.Width, image.Height));
        var half = options.Float == TensorElementType.Float16 || options.VaeFloat == TensorElementType.Float16;
        Assert.All(image.Rgb.Zip(expected), p => Assert.InRange(p.First - p.Second, half ? -3 : -1, half ? 3 : 1));
        Assert.True(expected.Count(b => b is > 0 and < 255) > expected.Length / 2, "Most pixels are at a limit.");
        Assert.True(expected.Distinct().Count() > 20, "The picture is all one colour.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_empty_negative_prompt_is_zeros_or_an_empty_text_as_the_model_says(bool zeros)
    {
        var options = new TinyModelOptions { ZerosForEmptyPrompt = zeros };
        using var directory = new TinyDirectory(options);
        await using var pipeline = directory.Open();
        var settings = new BatchSettings(16, 16, SchedulerKind.KEuler, 2, 2, false);

        var picture = Assert.Single(
            await pipeline.GenerateAsync(
                settings,
                [new PictureRequest(Prompt, "", 1)],
                null,
                TestContext.Current.CancellationToken
            )
        );

        var expected = Expected(directory, settings, zeros ? null : "", 1, options);
        var other = Expected(directory, settings, zeros ? "" : null, 1, options);
        Assert.All(picture.Image.Rgb.Zip(expected), p => Assert.InRange(p.First - p.Second, -1, 1));
        Assert.Contains(expected.Zip(other), p => Math.Abs(p.First - p.Second) > 1);
    }

    /// <param name="directory">The model.</param>
    /// <param name="settings">What is asked for.</param>
    /// <param name="negative">Null for zeros.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="options">How the model was written.</param>
    private static byte[] Expected(
        TinyDirectory directory,
        BatchSettings settings,
        string? negative,
        uint seed,
        TinyModelOptions options
    )
    {
        var (width, height) = (settings.Width / TinyModel.Factor, settings.Height / TinyModel.Factor);
        var latents = new float[TinyModel.Channels * width * height];
        var config = SchedulerConfig.Read(directory.File("scheduler/scheduler_config.json"));
        var scheduler = Scheduler.Create(settings.Scheduler, config, settings.Steps);
        var noise = new NormalNoise(seed);
        noise.Fill(0, latents);
        latents = Array.ConvertAll(latents, x => x * scheduler.InitialNoiseSigma);

        var positive = Conditioning(directory, Prompt, settings);
        var opposite = negative is null
            ? TinyMath.Size(settings.Width, settings.Height)
            : Conditioning(directory, negative, settings);
        var conditioning =
            settings.GuidanceScale > 1 ? opposite + settings.GuidanceScale * (positive - opposite) : positive;
        var scaled = new float[latents.Length];
        for (var call = 0; call < scheduler.CallCount; call++)
        {
            scheduler.ScaleInput(call, latents, scaled);
            var time = scheduler.TimestepOf(call) * TinyMath.TimeShare;
            scheduler.Step(
                call,
                Array.ConvertAll(scaled, x => (float)(TinyMath.SampleShare * x + time + conditioning)),
                latents,
                noise
            );
        }

        return Pixels(latents, width, height, options.LatentMoments);
    }

    private static double Conditioning(TinyDirectory directory, string text, BatchSettings settings) =>
        TinyMath.Conditioning(
            ClipTokenizer.Load(directory.File("tokenizer")).Tokenize(text).Ids,
            ClipTokenizer.Load(directory.File("tokenizer_2")).Tokenize(text).Ids,
            settings.Width,
            settings.Height
        );

    private static byte[] Pixels(float[] latents, int width, int height, bool moments)
    {
        var columns = width * TinyModel.Factor;
        var rgb = new byte[3 * columns * height * TinyModel.Factor];
        for (var i = 0; i < rgb.Length; i += 3)
        {
            var place = i / 3 / columns / TinyModel.Factor * width + i / 3 % columns / TinyModel.Factor;
            var latent = Enumerable.Range(0, 4).Select(c => (double)latents[c * width * height + place]).ToArray();
            TinyMath.Decode(latent, moments).CopyTo(rgb, i);
        }

        return rgb;
    }
}
