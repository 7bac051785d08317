using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>What the pipeline demands of the inputs and outputs of a graph.</summary>
internal static class GraphChecks
{
    private static readonly TensorElementType[] Floats = [TensorElementType.Float, TensorElementType.Float16];

    /// <summary>The inputs must be these and no others: a value that nobody knows can not be made up.</summary>
    public static void MustHaveInputs(this OnnxFile file, IReadOnlyList<string> names)
    {
        var found = file.Inputs.Select(i => i.Name).ToList();
        if (names.Except(found).FirstOrDefault() is { } missing)
        {
            throw new ModelDirectoryException(
                file.Path,
                $"an input '{missing}' was expected; the graph has {Listed(found)}"
            );
        }

        if (found.Except(names).FirstOrDefault() is { } unknown)
        {
            throw new ModelDirectoryException(
                file.Path,
                $"the input '{unknown}' is not known; expected were {Listed(names)}"
            );
        }
    }

    /// <summary>The output of the given name, or else the only one.</summary>
    public static GraphTensor MustHaveOutput(this OnnxFile file, string name) =>
        file.Output(name)
        ?? (
            file.Outputs is [var only]
                ? only
                : throw new ModelDirectoryException(
                    file.Path,
                    $"an output '{name}' was expected; the graph has {Listed(file.Outputs.Select(o => o.Name))}"
                )
        );

    public static GraphTensor MustBeFloat(this GraphTensor tensor, OnnxFile file) =>
        tensor.MustBe(file, "float or float16", Floats);

    public static GraphTensor MustBe(
        this GraphTensor tensor,
        OnnxFile file,
        string expected,
        params TensorElementType[] types
    ) =>
        types.Contains(tensor.Type)
            ? tensor
            : throw new ModelDirectoryException(
                file.Path,
                $"'{tensor.Name}': elements of type {expected} were expected, not {tensor.Type}"
            );

    public static GraphTensor MustHaveRank(this GraphTensor tensor, OnnxFile file, params int[] ranks) =>
        tensor.Dimensions is not { } known || ranks.Contains(known.Count)
            ? tensor
            : throw new ModelDirectoryException(
                file.Path,
                $"'{tensor.Name}': {string.Join(" or ", ranks)} dimensions were expected, not {known.Count}"
            );

    /// <summary>Where the graph fixes a dimension, it must be this.</summary>
    public static GraphTensor MustFit(this GraphTensor tensor, OnnxFile file, int axis, int size, string because) =>
        tensor.Fixed(axis) is not { } known || known == size
            ? tensor
            : throw new ModelDirectoryException(
                file.Path,
                $"'{tensor.Name}': dimension {axis} was expected to be {size} ({because}), not {known}"
            );

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
