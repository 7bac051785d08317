namespace Leyden.ModelServer.Tests;

/// <summary>The program as it is started: what it says, and with which code it ends.</summary>
public sealed class CommandLineTests
{
    private static readonly string[] HelpWords = ["--urls", "--model", "docs/model-server.md", "Exit codes"];

    [Fact]
    public async Task Help_names_the_options_and_where_the_settings_are()
    {
        var (code, said, _) = await RunAsync(["--help"]);

        Assert.Equal(0, code);
        Assert.All(HelpWords, word => Assert.Contains(word, said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "Leyden:Model:Path is not set", 3)]
    [InlineData("--slots 2", "'--slots'", 2)]
    [InlineData("--model /m --urls nowhere", "nowhere", 3)]
    public async Task What_keeps_it_from_starting_is_one_line(string arguments, string words, int expected)
    {
        var (code, _, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(expected, code);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("leyden-model-server: ", line, StringComparison.Ordinal);
        Assert.Contains(words, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_in_the_environment_is_one_line()
    {
        var (code, _, error) = await RunAsync(["--model", "/m"], ("Leyden__ModelServer__Slots", "99"));

        Assert.Equal(3, code);
        Assert.Equal("leyden-model-server: Leyden:ModelServer:Slots is 99; it must be from 1 to 16.", error.TrimEnd());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line()
    {
        await using var other = await TestServer.StartAsync();

        var (code, _, error) = await RunAsync(["--model", "/m", "--urls", other.Http.BaseAddress!.ToString()]);

        Assert.Equal(3, code);
        Assert.Contains("address already in use", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static Task<(int Code, string Out, string Error)> RunAsync(
        string[] arguments,
        params (string Name, string Value)[] environment
    ) => Programs.RunAsync("dotnet", [Programs.Server, .. arguments], null, environment);
}
