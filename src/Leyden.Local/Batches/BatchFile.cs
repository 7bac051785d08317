using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Leyden.Batches;
using Leyden.Predictions;

namespace Leyden.Local.Batches;

/// <summary>The items of a batch, in JSON Lines.</summary>
/// <param name="Lines">At most <see cref="BatchLines.MaxBytes"/>, line for line as in the file.</param>
internal sealed record BatchFile(byte[] Lines)
{
    private const string StandardInput = "-";
    private const string TextExtension = ".txt";

    /// <summary>By which the same items are recognized when they are submitted again.</summary>
    public string Key => $"content:{Convert.ToHexStringLower(SHA256.HashData(Lines))[..32]}";

    /// <summary>
    /// Reads a file. In <c>.txt</c> each line is a prompt; other files are JSON Lines; standard input is either, and JSON Lines when it
    /// begins with a brace or a quotation mark.
    /// </summary>
    /// <exception cref="UsageException">It can not be read, or is too large.</exception>
    public static async Task<BatchFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream =
                path == StandardInput
                    ? Console.OpenStandardInput()
                    : new FileStream(path, FileMode.Open, FileAccess.Read);
            var content = await ReadAsync(stream, cancellationToken);
            var isText =
                path == StandardInput
                    ? !IsJson(content)
                    : string.Equals(Path.GetExtension(path), TextExtension, StringComparison.OrdinalIgnoreCase);
            return new BatchFile(isText ? Encoding.UTF8.GetBytes(ToLines(Encoding.UTF8.GetString(content))) : content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault($"file: '{path}' can not be read: {e.Message}");
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > BatchLines.MaxBytes)
            {
                throw Fault($"file: a batch may have {BatchLines.MaxBytes / 1024 / 1024} MB.");
            }
        }

        return content.ToArray();
    }

    private static bool IsJson(byte[] content) => Encoding.UTF8.GetString(content).TrimStart() is ['{' or '"', ..];

    /// <summary>Blank lines stay, so that faults are told with the line that they have in the file.</summary>
    private static string ToLines(string text) =>
        string.Join(
            '\n',
            text.TrimStart('\uFEFF')
                .Split('\n')
                .Select(line => line.Trim())
                .Select(line => line.Length > 0 ? JsonValue.Create(line).ToJsonString(LeydenJson.Options) : line)
        );

    private static UsageException Fault(string message) => new([new InputError("file", message)]);
}
