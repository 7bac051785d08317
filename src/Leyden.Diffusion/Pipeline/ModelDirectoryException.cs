namespace Leyden.Diffusion;

/// <summary>A model directory lacks a file, or a file says something that can not be used. The message names the path and what was expected.</summary>
public sealed class ModelDirectoryException : Exception
{
    /// <summary>Names a file or directory and what is wrong with it.</summary>
    public ModelDirectoryException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException) => Path = path;

    /// <summary>The file or directory.</summary>
    public string Path { get; }
}
