using Leyden.Emulators.Cog;
using Leyden.Emulators.Eachlabs;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>A data folder, a folder for pictures and an environment of a test's own. Nothing of the machine's settings gets in.</summary>
internal sealed class LeydenHome : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("leyden-cli-");
    private readonly List<LeydenProcess> _processes = [];

    public LeydenHome()
    {
        Directory.CreateDirectory(Pictures);
        Environment["LEYDEN_DATA"] = Data;
    }

    public string Data => Path.Combine(_directory.FullName, "data");

    /// <summary>Also the working directory of the processes.</summary>
    public string Pictures => Path.Combine(_directory.FullName, "pictures");

    public Dictionary<string, string> Environment { get; } = [];

    public IReadOnlyList<string> PictureFiles => [.. Directory.GetFiles(Pictures).Order(StringComparer.Ordinal)];

    /// <summary>Makes an emulator in the test's process the backend.</summary>
    public void Use(EachlabsEmulator emulator)
    {
        Environment["Leyden__Eachlabs__BaseUrl"] = emulator.BaseUrl.AbsoluteUri;
        Environment["Leyden__Eachlabs__ApiKey"] = "key-of-the-test";
        Environment["Leyden__AllowLoopback"] = "true";
    }

    /// <summary>Makes a container in the test's process the backend.</summary>
    public void Use(CogEmulator emulator) => Environment["Leyden__Container__BaseUrl"] = emulator.BaseUrl.AbsoluteUri;

    /// <summary>Starts the built executable.</summary>
    public LeydenProcess Start(params string[] arguments)
    {
        var process = LeydenProcess.Start(this, arguments);
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs the built executable to its end.</summary>
    public Task<Finished> RunAsync(params string[] arguments) => Start(arguments).FinishAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }
}
