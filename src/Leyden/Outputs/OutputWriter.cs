using Leyden.Storage;
using Microsoft.Extensions.Options;

namespace Leyden.Outputs;

/// <summary>Writes pictures into the object store as they arrive: recognised by their first bytes, counted and hashed.</summary>
public sealed class OutputWriter(IObjectStore store, IOptions<OutputOptions> options)
{
    // Below the size at which buffers go to the large object heap; the metadata before a JPEG's dimensions mostly fits.
    private const int HeadLength = 64 << 10;

    private readonly long _maxBytes = options.Value.MaxBytes;

    /// <summary>Writes one picture.</summary>
    /// <param name="content">The picture, read to its end; not disposed.</param>
    /// <param name="target">Where to store it; the extension becomes that of the found format. When the outcome is not <see cref="FetchOutcome.Stored"/>, it is as before.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    public async Task<FetchOutcome> WriteAsync(Stream content, ObjectKey target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var head = new byte[HeadLength];
        int length;
        try
        {
            length = await content.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception fault) when (JudgeSource(fault) is not null)
        {
            return JudgeSource(fault)!;
        }

        return ImageHeader.TryRead(head.AsSpan(0, length), out var picture)
            ? await WriteAsync(head.AsMemory(0, length), content, picture, target, cancellationToken)
            : OutputFailures.Refused("it is no PNG, JPEG, WebP or GIF");
    }

    private async Task<FetchOutcome> WriteAsync(
        ReadOnlyMemory<byte> head,
        Stream rest,
        ImageHeader picture,
        ObjectKey target,
        CancellationToken cancellationToken
    )
    {
        // Models other than ours make other formats; a file says truly what it is.
        var key = new ObjectKey(Path.ChangeExtension(target.Value, picture.Extension));
        await using var measured = new MeasuredStream(head, rest, _maxBytes);
        try
        {
            await store.PutAsync(key, measured, picture.ContentType, WriteCondition.None, cancellationToken);
        }
        catch (Exception) when (measured.IsTooLong)
        {
            return OutputFailures.TooLarge(_maxBytes);
        }
        catch (Exception) when (JudgeSource(measured.SourceFault) is not null)
        {
            return JudgeSource(measured.SourceFault)!;
        }

        return new FetchOutcome.Stored(
            new PredictionOutput(
                key,
                picture.ContentType,
                measured.Count,
                measured.Sha256,
                picture.Width,
                picture.Height
            )
        );
    }

    // Faults of the source are outcomes; all others (of the store, and cancellation) stay exceptions.
    private static FetchOutcome? JudgeSource(Exception? fault) =>
        fault switch
        {
            FormatException => OutputFailures.Refused("the backend gave a data URL that is not Base64"),
            IOException or HttpRequestException => OutputFailures.Unavailable("the download broke off"),
            _ => null,
        };
}
