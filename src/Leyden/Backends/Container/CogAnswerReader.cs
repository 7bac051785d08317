using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Leyden.Outputs;

namespace Leyden.Backends.Container;

/// <summary>Reads the answer to a run: pictures go into the sink as they arrive, the rest is small.</summary>
/// <param name="outputs">Takes the pictures.</param>
internal sealed class CogAnswerReader(IOutputSink outputs)
{
    private const int MaxOutputs = 16;
    private const int MaxNameLength = 200;
    private const int MaxValueLength = 1 << 20;
    private const int MaxMediaTypeLength = 200;

    /// <summary>What became of the first picture that was not stored; null while all were.</summary>
    public FetchOutcome? NotStored { get; private set; }

    /// <summary>Reads an answer, up to the first picture that is not stored.</summary>
    /// <exception cref="FormatException">It is no such JSON; the message says why, fit to follow a colon.</exception>
    /// <exception cref="IOException">It ended in the middle.</exception>
    public async Task<CogPrediction> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var json = new JsonBytes(content);
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        await json.ExpectAsync('{', cancellationToken);
        for (var isFirst = true; await json.PeekAsync(cancellationToken) != '}'; isFirst = false)
        {
            if (!isFirst)
            {
                await json.ExpectAsync(',', cancellationToken);
            }

            var name = NameOf(await ReadValueAsync(json, MaxNameLength, cancellationToken));
            await json.ExpectAsync(':', cancellationToken);
            if (name != "output")
            {
                fields[name] = await ReadValueAsync(json, MaxValueLength, cancellationToken);
                continue;
            }

            await ReadOutputAsync(json, cancellationToken);
            if (NotStored is not null)
            {
                break;
            }
        }

        return CogPrediction.Of(fields);
    }

    private static string NameOf(JsonElement name) =>
        name.ValueKind == JsonValueKind.String ? name.GetString()! : throw new FormatException("it is no JSON");

    private async Task ReadOutputAsync(JsonBytes json, CancellationToken cancellationToken)
    {
        switch (await json.PeekAsync(cancellationToken))
        {
            case (byte)'"':
                await ReadPictureAsync(json, cancellationToken);
                break;
            case (byte)'[':
                await json.ExpectAsync('[', cancellationToken);
                while (await json.PeekAsync(cancellationToken) != ']' && NotStored is null)
                {
                    await ReadPictureAsync(json, cancellationToken);
                    if (NotStored is null && await json.PeekAsync(cancellationToken) != ']')
                    {
                        await json.ExpectAsync(',', cancellationToken);
                    }
                }

                if (NotStored is null)
                {
                    await json.ExpectAsync(']', cancellationToken);
                }

                break;
            default:
                if ((await ReadValueAsync(json, MaxValueLength, cancellationToken)).ValueKind != JsonValueKind.Null)
                {
                    throw new FormatException("its output is neither a text nor an array of texts");
                }

                break;
        }
    }

    private async Task ReadPictureAsync(JsonBytes json, CancellationToken cancellationToken)
    {
        if (outputs.Count >= MaxOutputs)
        {
            throw new FormatException($"it has more than {MaxOutputs} outputs");
        }

        await json.ExpectAsync('"', cancellationToken);
        await using var text = new JsonTextStream(json);
        await PassMediaTypeAsync(text, cancellationToken);
        using var base64 = new FromBase64Transform(FromBase64TransformMode.DoNotIgnoreWhiteSpaces);
        await using var picture = new CryptoStream(text, base64, CryptoStreamMode.Read, leaveOpen: true);
        var outcome = await outputs.AddAsync(picture, cancellationToken);
        NotStored = outcome is FetchOutcome.Stored ? null : outcome;
        if (NotStored is null && !text.IsComplete)
        {
            throw new FormatException("an output goes on after its picture");
        }
    }

    private static async Task PassMediaTypeAsync(JsonTextStream text, CancellationToken cancellationToken)
    {
        var head = new byte[1];
        var type = new StringBuilder();
        while (type.Length < MaxMediaTypeLength && await text.ReadAsync(head, cancellationToken) > 0 && head[0] != ',')
        {
            type.Append((char)head[0]);
        }

        var words = type.ToString();
        if (
            !words.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            || !words.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new FormatException("an output is no Base64 data URL; run the container without --upload-url");
        }
    }

    private static async Task<JsonElement> ReadValueAsync(
        JsonBytes json,
        int maxLength,
        CancellationToken cancellationToken
    )
    {
        var value = new ArrayBufferWriter<byte>();
        await json.TakeValueAsync(value, maxLength, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(value.WrittenMemory);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new FormatException("it is no JSON");
        }
    }
}
