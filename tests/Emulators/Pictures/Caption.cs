namespace Leyden.Emulators.Pictures;

/// <summary>The lines at the foot of a sample picture, white on a darkened strip.</summary>
internal static class Caption
{
    private const int MaxPromptLines = 3;

    public static void Draw(Span<byte> pixels, int width, int height, string prompt, string note)
    {
        var scale = Math.Max(1, Math.Min(width, height) / 340);
        var margin = 4 * scale;
        var columns = (width - (2 * margin)) / (PixelFont.Advance * scale);
        List<string> lines = [.. Wrap(prompt, columns, MaxPromptLines), .. Wrap(note, columns, 2)];

        var top = Math.Max(0, height - (lines.Count * PixelFont.LineHeight * scale) - margin);
        Darken(pixels[(Math.Max(0, top - margin) * width * 3)..]);
        for (var i = 0; i < lines.Count; i++)
        {
            DrawLine(pixels, width, height, lines[i], margin, top + (i * PixelFont.LineHeight * scale), scale);
        }
    }

    private static IEnumerable<string> Wrap(string text, int columns, int maxLines)
    {
        if (columns < 4)
        {
            yield break;
        }

        var rest = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        for (var line = 1; rest.Length > 0; line++)
        {
            if (rest.Length <= columns)
            {
                yield return rest;
                yield break;
            }

            if (line == maxLines)
            {
                yield return rest[..(columns - 3)] + "...";
                yield break;
            }

            var space = rest.LastIndexOf(' ', columns);
            var cut = space > 0 ? space : columns;
            yield return rest[..cut];
            rest = rest[cut..].TrimStart();
        }
    }

    private static void Darken(Span<byte> pixels)
    {
        foreach (ref var value in pixels)
        {
            value = (byte)(value * 2 / 7);
        }
    }

    private static void DrawLine(Span<byte> pixels, int width, int height, string line, int left, int top, int scale)
    {
        for (var y = 0; y < PixelFont.GlyphHeight * scale && top + y < height; y++)
        {
            for (var x = 0; x < line.Length * PixelFont.Advance * scale; x++)
            {
                var column = x / scale % PixelFont.Advance;
                var letter = line[x / (PixelFont.Advance * scale)];
                if (column < PixelFont.GlyphWidth && PixelFont.IsSet(letter, column, y / scale))
                {
                    pixels.Slice((((top + y) * width) + left + x) * 3, 3).Fill(245);
                }
            }
        }
    }
}
