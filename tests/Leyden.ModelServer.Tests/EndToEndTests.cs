using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Leyden.Diffusion;
using Leyden.Diffusion.Tests.Tiny;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>The program with the real pipeline on ONNX Runtime.</summary>
public sealed class EndToEndTests
{
    [Fact]
    public async Task A_tiny_model_draws_what_its_own_pictures_say_how_to_draw_again()
    {
        var folder = Directory.CreateTempSubdirectory("leyden-tiny-");
        try
        {
            await DrawAsync(TinyModel.Write(folder.FullName, new TinyModelOptions { Labour = 0 }));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_built_in_model_draws_what_its_own_pictures_say_how_to_draw_again()
    {
        var model = Path.Combine(Repository(), "models", "shapes");
        Assert.SkipUnless(File.Exists(Path.Combine(model, "model_index.json")), $"there is no model in {model} yet");

        await DrawAsync(model);
    }

    [Fact]
    public async Task With_a_directory_that_is_no_model_it_serves_and_says_so_until_it_is_shut_down()
    {
        await using var server = await ServerProcess.StartAsync(Path.GetTempPath());

        var health = await server.SetUpAsync();
        using var shutDown = await server.Http.PostAsync("/shutdown", null, Cancellation);
        await server.Process.WaitForExitAsync(Cancellation);

        Assert.Contains("SETUP_FAILED", health, StringComparison.Ordinal);
        Assert.Contains("model_index.json", health, StringComparison.Ordinal);
        Assert.Equal(0, server.Process.ExitCode);
    }

    private static async Task DrawAsync(string model)
    {
        await using var server = await ServerProcess.StartAsync(model);
        Assert.Contains("READY", await server.SetUpAsync(), StringComparison.Ordinal);

        var first = await AskAsync(server, "a red circle", seed: 5, outputs: 2);
        using var content = new MemoryStream(first[1]);
        var recipe = await PictureRecipe.TryReadAsync(content, Cancellation);
        var again = await AskAsync(server, recipe!.Prompt, recipe.Seed, outputs: 1);

        Assert.Equal(("a red circle", 6u), (recipe.Prompt, recipe.Seed));
        Assert.Equal(first[1], again.Single());
        Assert.NotEqual(first[0], first[1]);
    }

    private static async Task<byte[][]> AskAsync(ServerProcess server, string prompt, uint seed, int outputs)
    {
        using var response = await server.Http.PostAsJsonAsync(
            "/predictions",
            new
            {
                input = new
                {
                    prompt,
                    seed,
                    width = 256,
                    height = 320,
                    num_outputs = outputs,
                    disable_safety_checker = true,
                },
            },
            Cancellation
        );
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var answer = new Answer((int)response.StatusCode, body, new Dictionary<string, string>());
        Assert.True(answer.TextOrNull("status") == "succeeded", body.GetRawText());
        Assert.All(answer.Pictures, png => Assert.Equal((256, 320), PngSize.Of(png)));
        return [.. answer.Pictures];
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
