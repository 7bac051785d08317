using System.Security.Cryptography;
using System.Text;
using Leyden.Api.Access;

namespace Leyden.Infra.Tests;

/// <summary>The hook that makes a key for the first caller, run as azd runs it, with an azd that only notes what it is told.</summary>
public sealed class FirstKeyTests : IDisposable
{
    private const string Recorder =
        "#!/bin/sh\n[ \"$1 $2\" = 'env set' ] || exit 9\nprintf '%s=%s\\n' \"$3\" \"$4\" >>azd.txt\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("leyden-first-key-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task Without_keys_it_makes_one_and_gives_Azure_its_hash_alone(string shell)
    {
        SkipWithout(shell);

        var said = await RunAsync(shell);

        Assert.True(said.Code == 0, said.Errors);
        var values = Noted().Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        var key = values["LEYDEN_API_KEY"];
        Assert.StartsWith(KeyGenerator.Prefix, key, StringComparison.Ordinal);
        Assert.Equal(KeyGenerator.New().Key.Length, key.Length);
        Assert.Equal(
            $"first={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}",
            values["LEYDEN_KEYS"]
        );
        Assert.DoesNotContain(key, said.Output + said.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task Keys_that_are_there_stay(string shell)
    {
        SkipWithout(shell);

        var said = await RunAsync(shell, ("LEYDEN_KEYS", "shop=hash"));

        Assert.Equal(0, said.Code);
        Assert.Empty(Noted());
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task A_machine_that_forgets_makes_none(string shell)
    {
        SkipWithout(shell);

        var said = await RunAsync(shell, ("CI", "true"));

        Assert.Equal(1, said.Code);
        Assert.Contains("LEYDEN_KEYS is not set", said.Errors, StringComparison.Ordinal);
        Assert.Empty(Noted());
    }

    private async Task<CommandResult> RunAsync(string shell, params (string Name, string Value)[] environment)
    {
        var azd = Path.Combine(_folder.FullName, "azd");
        await File.WriteAllTextAsync(azd, Recorder, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(azd, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var variables = environment.ToDictionary(e => e.Name, e => e.Value);
        variables["PATH"] = $"{_folder.FullName}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        var script = Path.Combine(Repository.Infra, "hooks", shell == "sh" ? "first-key.sh" : "first-key.ps1");
        return await Commands.RunAsync(shell, [script], variables, _folder.FullName);
    }

    private string[] Noted()
    {
        var file = Path.Combine(_folder.FullName, "azd.txt");
        return File.Exists(file) ? File.ReadAllLines(file) : [];
    }

    private static void SkipWithout(string shell) =>
        Assert.SkipUnless(
            !OperatingSystem.IsWindows()
                && Environment
                    .GetEnvironmentVariable("PATH")!
                    .Split(Path.PathSeparator)
                    .Any(f => File.Exists(Path.Combine(f, shell))),
            $"{shell} is not on this machine"
        );
}
