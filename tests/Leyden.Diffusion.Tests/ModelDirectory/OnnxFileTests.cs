using CsCheck;
using Leyden.Diffusion.Tests.Tiny;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.ModelDirectory;

public sealed class OnnxFileTests
{
    [Fact]
    public void A_file_says_what_goes_in_and_out_and_where_its_weights_are()
    {
        using var directory = new TinyDirectory(
            new TinyModelOptions { ExternalData = true, Ids = TensorElementType.Int32 }
        );

        var unet = OnnxFile.Read(directory.File("unet/model.onnx"));
        var text = OnnxFile.Read(directory.File("text_encoder_2/model.onnx"));

        Assert.Equal([directory.File("unet/model.onnx_data")], unet.ExternalData);
        Assert.Equal(
            ["sample", "timestep", "encoder_hidden_states", "text_embeds", "time_ids"],
            unet.Inputs.Select(i => i.Name)
        );
        Assert.Equal([-1, 4, -1, -1], unet.Input("sample")!.Dimensions!);
        Assert.Empty(unet.Input("timestep")!.Dimensions!);
        Assert.Equal(TensorElementType.Int32, text.Input("input_ids")!.Type);
        Assert.Equal(5, text.Output("hidden_states.1")!.Fixed(2));
        Assert.Null(text.Output("hidden_states.1")!.Fixed(1));
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_by_name_and_nothing_else()
    {
        using var directory = new TinyDirectory(new TinyModelOptions { ExternalData = true });
        var path = directory.File("unet/model.onnx");
        var sound = File.ReadAllBytes(path);
        var damaged = directory.File("unet/damaged.onnx");
        var refused = 0;

        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte)
            .Array[1, 8]
            .Sample(
                changes =>
                {
                    var bytes = sound.ToArray();
                    Array.ForEach(changes, c => bytes[c.Item1] = c.Item2);
                    File.WriteAllBytes(damaged, bytes);
                    try
                    {
                        OnnxFile.Read(damaged);
                    }
                    catch (ModelDirectoryException fault)
                    {
                        Assert.Contains("unet", fault.Message, StringComparison.Ordinal);
                        refused++;
                    }
                },
                iter: 3000,
                threads: 1
            );

        Assert.NotEqual(0, refused);
    }
}
