using System.Text;

namespace Leyden.CrashHarness;

/// <summary>Lines that are with the operating system when <see cref="Add"/> returns: they survive the death of the process.</summary>
internal sealed class AppendOnlyFile(string path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _stream = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Add(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            // One write per line: a kill falls before or after it.
            _stream.Write(bytes);
        }
    }

    public void Dispose() => _stream.Dispose();
}
