using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Leyden.Predictions;

namespace Leyden.Batches;

/// <summary>Reads batches in JSON Lines, an item a line, without ever holding more than one line.</summary>
public static class BatchLines
{
    /// <summary>The most bytes of a whole batch.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The most bytes of a line.</summary>
    public const int MaxLineBytes = 160 * 1024;

    /// <summary>Reads the lines. Blank ones are passed over; where a limit is exceeded the reading ends with a line that says so.</summary>
    /// <param name="content">Read to its end; not disposed.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<BatchLine> ReadAsync(
        Stream content,
        Owner owner,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var reader = PipeReader.Create(content, new StreamPipeReaderOptions(leaveOpen: true));
        var number = 0;
        long bytes = 0;
        try
        {
            while (await ReadLineAsync(reader, cancellationToken) is { } line)
            {
                number++;
                bytes += line.Length + 1;
                if (bytes > MaxBytes || line.Length > MaxLineBytes)
                {
                    yield return TooLarge(number, bytes > MaxBytes);
                    yield break;
                }

                if (line.AsSpan().ContainsAnyExcept(" \t\r"u8))
                {
                    yield return ReadLine(line, $"line {number}", owner);
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static BatchLine TooLarge(int number, bool isWhole) =>
        BatchLine.Unreadable(
            $"line {number}",
            "",
            isWhole
                ? $"the batch may have {MaxBytes / 1024 / 1024} MB; this line is beyond."
                : $"a line may have {MaxLineBytes / 1024} kB."
        );

    private static BatchLine ReadLine(byte[] line, string place, Owner owner)
    {
        try
        {
            using var document = StrictJson.Parse(line);
            return BatchForm.ReadItem(document.RootElement, place, owner);
        }
        catch (FormatException e)
        {
            return BatchLine.Unreadable(place, "", $"no valid JSON: {e.Message}");
        }
    }

    /// <summary>Takes the next line; of one beyond the limit a little more than the limit.</summary>
    private static async Task<byte[]?> ReadLineAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted || read.Buffer.Length > MaxLineBytes)
            {
                var rest = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return rest.Length > 0 ? rest : null;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
