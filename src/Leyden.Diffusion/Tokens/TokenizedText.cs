namespace Leyden.Diffusion;

/// <summary>A text as a text encoder takes it.</summary>
/// <param name="Ids">The start token, the text's, the end token, and padding up to the length asked for.</param>
/// <param name="Length">How many of them come before the padding, start and end included.</param>
/// <param name="Cut">How many tokens of the text did not fit and were left out.</param>
public sealed record TokenizedText(IReadOnlyList<int> Ids, int Length, int Cut);
