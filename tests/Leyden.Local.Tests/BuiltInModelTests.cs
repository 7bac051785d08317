using Leyden.Diffusion;
using Leyden.Local.BuiltIn;
using Leyden.Local.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace Leyden.Local.Tests;

/// <summary>The model that needs neither a key nor a container, in processes of their own.</summary>
public sealed class BuiltInModelTests : IAsyncDisposable
{
    private readonly LeydenHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task A_picture_says_how_it_was_made_and_is_made_again_from_that()
    {
        await DrawAsync(
            "a red circle on a blue background",
            "--seed",
            "7",
            "--num-outputs",
            "2",
            "--scheduler",
            "K_EULER_ANCESTRAL"
        );
        var second = _home.PictureFiles.Single(f => f.EndsWith("-2.png", StringComparison.Ordinal));
        await using var file = File.OpenRead(second);
        var recipe = await PictureRecipe.TryReadAsync(file, Cancellation);
        Assert.NotNull(recipe);
        Assert.Equal(
            ("a red circle on a blue background", 8u, "K_EULER_ANCESTRAL", 4),
            (recipe.Prompt, recipe.Seed, recipe.Scheduler, recipe.Steps)
        );

        var again = await DrawAsync(recipe.Prompt, "--seed", "8", "--scheduler", recipe.Scheduler);

        Assert.Equal(
            await File.ReadAllBytesAsync(second, Cancellation),
            await File.ReadAllBytesAsync(again, Cancellation)
        );
    }

    [Fact]
    public async Task A_prompt_without_a_known_word_runs_and_says_what_the_model_knows()
    {
        var run = await _home.RunAsync(
            "generate",
            "Ein Überheld lächelt 🙂",
            "--width",
            "256",
            "--height",
            "1280",
            "--json"
        );

        run.Ended(0);
        var prediction = Assert.Single(run.Json["predictions"]!.AsArray())!;
        Assert.Equal("built-in", (string?)prediction["backend"]);
        Assert.Contains("coloured shapes only", (string?)prediction["notes"]![0], StringComparison.Ordinal);
        Assert.Null(prediction["cost"]);
        Assert.Equal((256, 1280), PngHeader.Read((string)prediction["outputs"]![0]!));
    }

    [Fact]
    public async Task A_user_who_has_nothing_yet_gets_a_data_folder_and_nothing_else()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there HOME does not say where the user's folders are");
        var user = Directory.CreateDirectory(Path.Combine(_home.Pictures, "user"));
        string[] unset = ["LEYDEN_DATA", "XDG_DATA_HOME", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"];
        foreach (var name in unset)
        {
            _home.Environment[name] = "";
        }

        _home.Environment["HOME"] = user.FullName;

        await DrawAsync("a red circle on a blue background");

        // ONNX Runtime, left alone, writes a device id and events for Microsoft into the user's cache.
        var files = user.GetFiles("*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.Contains("/.leyden/", f.FullName, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_directory_that_is_none_keeps_the_program_from_starting()
    {
        _home.Environment["Leyden__Model__Path"] = _home.Pictures;

        var run = await _home.RunAsync("generate", "anything");

        var line = Assert.Single(run.Ended(3).Error);
        Assert.Contains("Leyden:Model:Path", line, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_home.Pictures, "model_index.json"), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_files_are_told_and_stop_no_server()
    {
        var nowhere = Path.Combine(_home.Pictures, "nowhere");
        await using var model = new BuiltInModel(Options.Create(new BuiltInModelOptions { Path = nowhere }));

        Assert.Contains(nowhere, model.Notice, StringComparison.Ordinal);
        Assert.Throws<ModelDirectoryException>(() => model.Pipeline);
    }

    [Fact]
    public async Task A_backend_that_is_not_configured_can_not_be_asked_for()
    {
        var run = await _home.RunAsync("generate", "anything", "--backend", "eachlabs");

        run.Ended(2);
        Assert.Contains("EACHLABS_API_KEY", run.ErrorText, StringComparison.Ordinal);
        Assert.Contains("built-in", run.ErrorText, StringComparison.Ordinal);
    }

    private async Task<string> DrawAsync(string prompt, params string[] options)
    {
        var run = await _home.RunAsync(["generate", prompt, .. options, "--width", "512", "--height", "512", "--json"]);
        run.Ended(0);
        return (string)Assert.Single(run.Json["predictions"]!.AsArray())!["outputs"]![0]!;
    }
}
