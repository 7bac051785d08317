namespace Leyden.Emulators.Pictures;

/// <summary>
/// Letters of 5×8 pixels for printable ASCII, so that text can be drawn on machines without fonts. A glyph is five columns,
/// the top row in the lowest bit.
/// </summary>
internal static class PixelFont
{
    public const int GlyphWidth = 5;
    public const int GlyphHeight = 8;

    /// <summary>From the left edge of one letter to that of the next.</summary>
    public const int Advance = GlyphWidth + 1;

    /// <summary>From the top of one line to that of the next.</summary>
    public const int LineHeight = GlyphHeight + 3;

    private static readonly ulong[] Glyphs =
    [
        0x0000000000, // space
        0x00005F0000, // !
        0x0007000700, // "
        0x147F147F14, // #
        0x242A7F2A12, // $
        0x2313086462, // %
        0x3649562050, // &
        0x0000070000, // '
        0x001C224100, // (
        0x0041221C00, // )
        0x14083E0814, // *
        0x08083E0808, // +
        0x0050300000, // ,
        0x0808080808, // -
        0x0060600000, // .
        0x2010080402, // /
        0x3E5149453E, // 0
        0x00427F4000, // 1
        0x4261514946, // 2
        0x2141454B31, // 3
        0x1814127F10, // 4
        0x2745454539, // 5
        0x3C4A494930, // 6
        0x0171090503, // 7
        0x3649494936, // 8
        0x064949291E, // 9
        0x0036360000, // :
        0x0056360000, // ;
        0x0814224100, // <
        0x1414141414, // =
        0x0041221408, // >
        0x0201510906, // ?
        0x324979413E, // @
        0x7E1111117E, // A
        0x7F49494936, // B
        0x3E41414122, // C
        0x7F4141221C, // D
        0x7F49494941, // E
        0x7F09090901, // F
        0x3E4149497A, // G
        0x7F0808087F, // H
        0x00417F4100, // I
        0x2040413F01, // J
        0x7F08142241, // K
        0x7F40404040, // L
        0x7F020C027F, // M
        0x7F0408107F, // N
        0x3E4141413E, // O
        0x7F09090906, // P
        0x3E4151215E, // Q
        0x7F09192946, // R
        0x4649494931, // S
        0x01017F0101, // T
        0x3F4040403F, // U
        0x1F2040201F, // V
        0x3F4038403F, // W
        0x6314081463, // X
        0x0708700807, // Y
        0x6151494543, // Z
        0x007F414100, // [
        0x0204081020, // \
        0x0041417F00, // ]
        0x0402010204, // ^
        0x4040404040, // _
        0x0001020400, // `
        0x2054545478, // a
        0x7F48444438, // b
        0x3844444420, // c
        0x384444487F, // d
        0x3854545418, // e
        0x087E090102, // f
        0x18A4A4A47C, // g
        0x7F08040478, // h
        0x00447D4000, // i
        0x4080847D00, // j
        0x7F10284400, // k
        0x00417F4000, // l
        0x7C04180478, // m
        0x7C08040478, // n
        0x3844444438, // o
        0xFC44444438, // p
        0x38444444FC, // q
        0x7C08040408, // r
        0x4854545420, // s
        0x043F444020, // t
        0x3C4040207C, // u
        0x1C2040201C, // v
        0x3C4030403C, // w
        0x4428102844, // x
        0x1CA0A0A07C, // y
        0x4464544C44, // z
        0x0008364100, // {
        0x00007F0000, // |
        0x0041360800, // }
        0x0804081008, // ~
    ];

    /// <summary>Whether a pixel of a letter is set. Letters outside printable ASCII are drawn as a question mark.</summary>
    public static bool IsSet(char letter, int column, int row)
    {
        var glyph = Glyphs[letter is >= ' ' and <= '~' ? letter - ' ' : '?' - ' '];
        var bits = glyph >> (8 * (GlyphWidth - 1 - column));
        return ((bits >> row) & 1) != 0;
    }
}
