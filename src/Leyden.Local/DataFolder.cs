namespace Leyden.Local;

/// <summary>The folder with everything that outlives the process, and the names in it.</summary>
/// <param name="Path">Its absolute path.</param>
internal sealed record DataFolder(string Path)
{
    /// <summary>The environment variable that names the folder where <c>--data</c> does not.</summary>
    public const string Variable = "LEYDEN_DATA";

    /// <summary>The database of the durable engine.</summary>
    public string Engine => System.IO.Path.Combine(Path, "engine.db");

    /// <summary>Records and pictures.</summary>
    public string Objects => System.IO.Path.Combine(Path, "objects");

    /// <summary>Optional settings, in the form of the environment variables: <c>{ "Leyden": { … } }</c>.</summary>
    public string Settings => System.IO.Path.Combine(Path, "leyden.json");

    /// <summary>Where the running server can be reached.</summary>
    public string Server => System.IO.Path.Combine(Path, "server.json");

    /// <summary>Finds the folder: the option, else <see cref="Variable"/>, else <c>.leyden</c> in the user's local application data.</summary>
    /// <exception cref="SetupException">There is no such place.</exception>
    public static DataFolder Find(string? option)
    {
        var chosen = option ?? Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrWhiteSpace(chosen))
        {
            return new DataFolder(System.IO.Path.GetFullPath(chosen));
        }

        // Whether it exists does not matter: a new user has none yet.
        var local = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return local.Length > 0
            ? new DataFolder(System.IO.Path.Combine(local, ".leyden"))
            : throw new SetupException(
                $"This user has no folder for application data: name one with --data or {Variable}."
            );
    }

    /// <summary>Makes the folder when it does not exist; on Unix only its owner may enter, since it holds prompts and secrets.</summary>
    /// <exception cref="SetupException">It can not be made.</exception>
    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path);
            }
            else
            {
                Directory.CreateDirectory(
                    Path,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The data folder '{Path}' can not be made: {e.Message}", e);
        }
    }
}
