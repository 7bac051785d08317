using System.IO.Compression;
using System.Text.Json;

namespace Leyden.Diffusion.Tests;

/// <summary>CLIP's vocabulary in a folder as a model directory has it, and texts with the ids of CLIP's own tokenizer.</summary>
internal sealed class ClipVocabulary : IDisposable
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web);
    private readonly string _reference;

    /// <param name="reference">The folder with the compressed files.</param>
    public ClipVocabulary(string reference)
    {
        _reference = reference;
        Folder = Directory.CreateTempSubdirectory("clip-").FullName;
        foreach (var name in new[] { "vocab.json", "merges.txt" })
        {
            using var target = File.Create(Path.Combine(Folder, name));
            using var source = Open(name + ".gz");
            source.CopyTo(target);
        }
    }

    /// <summary>Holds <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    public string Folder { get; }

    /// <summary>Texts and the ids of the reference, without start, end and padding.</summary>
    public IReadOnlyList<ReferenceText> Texts()
    {
        using var source = Open("tokens.json.gz");
        return JsonSerializer.Deserialize<IReadOnlyList<ReferenceText>>(source, _options)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private GZipStream Open(string name) =>
        new(File.OpenRead(Path.Combine(_reference, name)), CompressionMode.Decompress);
}

/// <summary>A text and the ids that the reference gives for it.</summary>
internal sealed record ReferenceText(string Text, int[] Ids);
