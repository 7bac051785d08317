using Leyden.Predictions;

namespace Leyden.Local.Generating;

/// <summary>The folder that pictures are written to: whole files under new names, never over one that is there.</summary>
internal sealed class PictureFolder
{
    private const int ShortIdLength = 8;
    private const int MaxNames = 1000;
    private readonly string _path;

    private PictureFolder(string path) => _path = path;

    /// <summary>Makes the folder and sees whether it can be written to, before anything is billed.</summary>
    /// <returns>The folder; null when it has a fault.</returns>
    public static PictureFolder? Open(string path, List<InputError> errors)
    {
        try
        {
            var full = Path.GetFullPath(path);
            Directory.CreateDirectory(full);
            File.OpenHandle(
                    Path.Combine(full, $".leyden-{Path.GetRandomFileName()}"),
                    FileMode.CreateNew,
                    FileAccess.Write,
                    options: FileOptions.DeleteOnClose
                )
                .Dispose();
            return new PictureFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add(new InputError("--out", $"--out is {path}, which can not be written to: {e.Message}"));
            return null;
        }
    }

    /// <summary>Writes one picture.</summary>
    /// <param name="id">Whose it is.</param>
    /// <param name="number">Its number within the prediction, from 1.</param>
    /// <param name="extension">Of the file's name, with its dot.</param>
    /// <param name="content">Read to its end.</param>
    /// <param name="cancellationToken">Stops; no file is left then.</param>
    /// <returns>The path, relative when the folder was given so.</returns>
    public async Task<string> WriteAsync(
        PredictionId id,
        int number,
        string extension,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        // The end of an id is random; its beginning is the time, which predictions of one call have in common.
        var name = $"leyden-{id.Value[^ShortIdLength..]}-{number}";
        var partial = Path.Combine(_path, $".{name}-{Path.GetRandomFileName()}.part");
        try
        {
            await using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            return Publish(partial, name, extension);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Writes a picture under a name that no other has, unless an earlier run has written it already.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="open">Opens the picture; not called when it is there.</param>
    /// <param name="cancellationToken">Stops; no file is left then.</param>
    /// <returns>The path, relative when the folder was given so.</returns>
    public async Task<string> WriteOnceAsync(string name, Func<Task<Stream>> open, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_path, name);
        if (File.Exists(path))
        {
            return path;
        }

        var partial = Path.Combine(_path, $".{name}-{Path.GetRandomFileName()}.part");
        try
        {
            await using (var content = await open())
            await using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            File.Move(partial, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private string Publish(string partial, string name, string extension)
    {
        for (var i = 1; ; i++)
        {
            var path = Path.Combine(_path, i == 1 ? name + extension : $"{name}-{i}{extension}");
            try
            {
                File.Move(partial, path, overwrite: false);
                return path;
            }
            catch (IOException) when (File.Exists(path) && i < MaxNames)
            {
                // Taken: the next name.
            }
        }
    }
}
