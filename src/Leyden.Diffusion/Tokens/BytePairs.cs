using System.Text;

namespace Leyden.Diffusion;

/// <summary>
/// Byte-pair encoding (Sennrich, Haddow and Birch 2016; over bytes as in GPT-2): a word starts as its bytes, the last one marked as the end, and the
/// pair of neighbours with the lowest rank is merged, all its occurrences from the left, until no pair has a rank.
/// Takes n·log n steps for n bytes. Ids are those of the vocabulary; any number of threads may share it.
/// </summary>
internal sealed class BytePairs
{
    private const int Unknown = -1;
    private const int Gone = -2;

    private readonly int[] _inWord = new int[256];
    private readonly int[] _endOfWord = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges;
    private readonly int _unknownId;

    /// <param name="ids">The id of each token; bytes are written as GPT-2 writes them.</param>
    /// <param name="merges">The ids of the pairs and of what they become, best first.</param>
    /// <param name="endOfWord">What follows the last token of a word in the vocabulary.</param>
    /// <param name="unknownId">Stands for a byte that has no token.</param>
    public BytePairs(
        IReadOnlyDictionary<string, int> ids,
        IReadOnlyList<(int Left, int Right, int Merged)> merges,
        string endOfWord,
        int unknownId
    )
    {
        _unknownId = unknownId;
        for (var value = 0; value < 256; value++)
        {
            var token = Written((byte)value).ToString();
            _inWord[value] = ids.TryGetValue(token, out var inWord) ? inWord : Unknown;
            _endOfWord[value] = ids.TryGetValue(token + endOfWord, out var last) ? last : Unknown;
        }

        _merges = new(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, merged) = merges[rank];
            _merges[(left, right)] = (rank, merged);
        }
    }

    /// <summary>Adds the ids of a word to <paramref name="target"/>.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> target)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        var count = Encoding.UTF8.GetBytes(word, bytes);
        var symbols = new int[count];
        for (var i = 0; i < count; i++)
        {
            symbols[i] = i == count - 1 ? _endOfWord[bytes[i]] : _inWord[bytes[i]];
        }

        Merge(symbols);
        foreach (var symbol in symbols)
        {
            if (symbol != Gone)
            {
                target.Add(symbol == Unknown ? _unknownId : symbol);
            }
        }
    }

    /// <summary>GPT-2's way to write bytes as visible characters: those that are visible in Latin-1 as they are, the others from U+0100 on.</summary>
    private static char Written(byte value)
    {
        if (IsVisible(value))
        {
            return (char)value;
        }

        var others = 0;
        for (var before = 0; before < value; before++)
        {
            others += IsVisible((byte)before) ? 0 : 1;
        }

        return (char)(0x100 + others);

        static bool IsVisible(byte value) => value is >= 0x21 and <= 0x7E or (>= 0xA1 and not 0xAD);
    }

    private void Merge(int[] symbols)
    {
        var neighbours = new Neighbours(symbols.Length);
        var candidates = new PriorityQueue<Candidate, (int Rank, int At)>();
        for (var at = 0; at + 1 < symbols.Length; at++)
        {
            Consider(at, symbols, neighbours, candidates);
        }

        var merged = new List<int>();
        while (candidates.TryPeek(out _, out var best))
        {
            merged.Clear();
            while (candidates.TryPeek(out var candidate, out var next) && next.Rank == best.Rank)
            {
                candidates.Dequeue();
                if (candidate.Holds(symbols, neighbours))
                {
                    symbols[candidate.At] = candidate.Merged;
                    symbols[neighbours.Next(candidate.At)] = Gone;
                    neighbours.RemoveAfter(candidate.At);
                    merged.Add(candidate.At);
                }
            }

            // Not before all occurrences are merged: a merge may make a pair of a lower rank.
            foreach (var at in merged)
            {
                Consider(neighbours.Previous(at), symbols, neighbours, candidates);
                Consider(at, symbols, neighbours, candidates);
            }
        }
    }

    private void Consider(
        int at,
        int[] symbols,
        Neighbours neighbours,
        PriorityQueue<Candidate, (int Rank, int At)> candidates
    )
    {
        if (at < 0 || neighbours.Next(at) is var next && next >= symbols.Length)
        {
            return;
        }

        if (_merges.TryGetValue((symbols[at], symbols[next]), out var merge))
        {
            candidates.Enqueue(new Candidate(at, symbols[at], symbols[next], merge.Merged), (merge.Rank, at));
        }
    }

    /// <summary>A pair that may be merged, unless one of the two has been merged with another since.</summary>
    private readonly record struct Candidate(int At, int Left, int Right, int Merged)
    {
        public bool Holds(int[] symbols, Neighbours neighbours) =>
            symbols[At] == Left && neighbours.Next(At) is var next && next < symbols.Length && symbols[next] == Right;
    }

    /// <summary>Which of the remaining symbols is next to which.</summary>
    private sealed class Neighbours
    {
        private readonly int[] _next;
        private readonly int[] _previous;

        public Neighbours(int count)
        {
            _next = new int[count];
            _previous = new int[count];
            for (var i = 0; i < count; i++)
            {
                (_next[i], _previous[i]) = (i + 1, i - 1);
            }
        }

        public int Next(int at) => _next[at];

        public int Previous(int at) => _previous[at];

        public void RemoveAfter(int at)
        {
            _next[at] = _next[_next[at]];
            if (_next[at] < _previous.Length)
            {
                _previous[_next[at]] = at;
            }
        }
    }
}
