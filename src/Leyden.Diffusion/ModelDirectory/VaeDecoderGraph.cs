namespace Leyden.Diffusion;

/// <summary>The decoder of the autoencoder: latents in, pixels from −1 to 1 out.</summary>
/// <param name="File">The graph.</param>
/// <param name="Latents">Input of shape [1, channels, height, width].</param>
/// <param name="Pixels">Output of shape [1, 3, height × Factor, width × Factor].</param>
/// <param name="Factor">Pixels a latent, in both directions.</param>
/// <param name="ScalingFactor">The latents were multiplied by this after encoding.</param>
/// <param name="Mean">What was taken from the latents of each channel; null for nothing.</param>
/// <param name="Deviation">What they were divided by; null for one.</param>
internal sealed record VaeDecoderGraph(
    OnnxFile File,
    GraphTensor Latents,
    GraphTensor Pixels,
    int Factor,
    float ScalingFactor,
    float[]? Mean,
    float[]? Deviation
)
{
    public static VaeDecoderGraph Read(string folder, UNetGraph unet)
    {
        var config = ConfigFile.Read(Path.Combine(folder, "config.json"));
        var file = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        file.MustHaveInputs(["latent_sample"]);
        var channels = config.PositiveInteger("latent_channels");
        if (channels != unet.Channels)
        {
            throw config.Fault("latent_channels", $"{unet.Channels} was expected, 'in_channels' of the UNet");
        }

        var factor = 1 << (config.ListLength("block_out_channels") - 1);
        var (mean, deviation) = Moments(config, channels);
        var latents = file.Input("latent_sample")!
            .MustBeFloat(file)
            .MustHaveRank(file, 4)
            .MustFit(file, 0, 1, "one picture a call")
            .MustFit(file, 1, channels, $"'latent_channels' of {config.Path}");
        var pixels = file.MustHaveOutput("sample")
            .MustBeFloat(file)
            .MustHaveRank(file, 4)
            .MustFit(file, 1, 3, "red, green and blue");
        return new VaeDecoderGraph(
            file,
            latents,
            pixels,
            factor,
            config.PositiveNumber("scaling_factor"),
            mean,
            deviation
        );
    }

    private static (float[]? Mean, float[]? Deviation) Moments(ConfigFile config, int channels)
    {
        var mean = config.OptionalNumbers("latents_mean", channels);
        var deviation = config.OptionalNumbers("latents_std", channels);
        if (mean is null != deviation is null)
        {
            throw config.Fault(
                mean is null ? "latents_mean" : "latents_std",
                "'latents_mean' and 'latents_std' were expected together"
            );
        }

        return (mean, deviation);
    }
}
