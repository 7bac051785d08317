using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Dimensions">Its dimensions, −1 for those that the caller chooses; null when the graph does not say how many there are.</param>
internal sealed record GraphTensor(string Name, TensorElementType Type, IReadOnlyList<long>? Dimensions)
{
    /// <summary>A dimension that the graph fixes, or null.</summary>
    public int? Fixed(int axis) =>
        Dimensions is { } known && axis < known.Count && known[axis] is > 0 and <= int.MaxValue
            ? (int)known[axis]
            : null;
}

/// <summary>
/// What an ONNX file says of itself, read without its weights: what goes in and out, and the files that hold weights beside it.
/// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers) and docs/ExternalData.md there.
/// </summary>
internal sealed class OnnxFile
{
    private const int ModelGraph = 7;
    private const int GraphInitializer = 5;
    private const int GraphInput = 11;
    private const int GraphOutput = 12;
    private const int TensorName = 8;
    private const int TensorExternalData = 13;

    private OnnxFile(string path) => Path = path;

    public string Path { get; }

    public IReadOnlyList<GraphTensor> Inputs { get; private set; } = [];

    public IReadOnlyList<GraphTensor> Outputs { get; private set; } = [];

    /// <summary>Full paths of the files with weights that the graph names; all of them exist.</summary>
    public IReadOnlyList<string> ExternalData { get; private set; } = [];

    /// <exception cref="ModelDirectoryException">The file is missing, no ONNX model, or a file that it names is missing.</exception>
    public static OnnxFile Read(string path)
    {
        ModelFiles.MustExist(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 14);
            var file = new OnnxFile(path);
            var reader = new ProtobufReader(stream);
            var found = false;
            foreach (var field in reader.Fields(stream.Length))
            {
                if (field.Number == ModelGraph)
                {
                    file.ReadGraph(reader, field);
                    found = true;
                }
            }

            return found ? file : throw new ModelDirectoryException(path, "an ONNX model with a graph was expected");
        }
        catch (InvalidDataException fault)
        {
            throw new ModelDirectoryException(path, $"an ONNX model was expected: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ModelDirectoryException(path, $"can not be read: {fault.Message}", fault);
        }
    }

    public GraphTensor? Input(string name) => Inputs.FirstOrDefault(t => t.Name == name);

    public GraphTensor? Output(string name) => Outputs.FirstOrDefault(t => t.Name == name);

    private void ReadGraph(ProtobufReader reader, ProtobufReader.Field graph)
    {
        var (inputs, outputs) = (new List<GraphTensor>(), new List<GraphTensor>());
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        var locations = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var field in reader.Fields(graph))
        {
            switch (field.Number)
            {
                case GraphInitializer:
                    ReadInitializer(reader, field, initializers, locations);
                    break;
                case GraphInput:
                    inputs.Add(ReadTensor(reader, field));
                    break;
                case GraphOutput:
                    outputs.Add(ReadTensor(reader, field));
                    break;
            }
        }

        // Files before IR version 4 list the weights among the inputs.
        Inputs = [.. inputs.Where(i => !initializers.Contains(i.Name))];
        Outputs = outputs;
        ExternalData = [.. locations.Select(Located)];
    }

    private static void ReadInitializer(
        ProtobufReader reader,
        ProtobufReader.Field tensor,
        HashSet<string> names,
        SortedSet<string> locations
    )
    {
        foreach (var field in reader.Fields(tensor))
        {
            if (field.Number == TensorName)
            {
                names.Add(reader.ReadText(field));
            }
            else if (field.Number == TensorExternalData)
            {
                var (key, value) = ("", "");
                foreach (var part in reader.Fields(field))
                {
                    (key, value) = part.Number switch
                    {
                        1 => (reader.ReadText(part), value),
                        2 => (key, reader.ReadText(part)),
                        _ => (key, value),
                    };
                }

                if (key == "location")
                {
                    locations.Add(value);
                }
            }
        }
    }

    private string Located(string location)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, location));
        if (!path.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ModelDirectoryException(Path, $"keeps weights in '{location}', which is not in its own folder");
        }

        return File.Exists(path)
            ? path
            : throw new ModelDirectoryException(path, $"a file with weights was expected: {Path} names it");
    }

    private static GraphTensor ReadTensor(ProtobufReader reader, ProtobufReader.Field valueInfo)
    {
        var name = "";
        var type = TensorElementType.DataTypeMax;
        List<long>? dimensions = null;
        foreach (var field in reader.Fields(valueInfo))
        {
            if (field.Number == 1)
            {
                name = reader.ReadText(field);
            }
            else if (field.Number == 2)
            {
                foreach (var tensor in reader.Fields(field).Where(f => f.Number == 1))
                {
                    (type, dimensions) = ReadTensorType(reader, tensor);
                }
            }
        }

        return new GraphTensor(name, type, dimensions);
    }

    private static (TensorElementType Type, List<long>? Dimensions) ReadTensorType(
        ProtobufReader reader,
        ProtobufReader.Field tensor
    )
    {
        var type = TensorElementType.DataTypeMax;
        List<long>? dimensions = null;
        foreach (var field in reader.Fields(tensor))
        {
            if (field.Number == 1)
            {
                type = (TensorElementType)field.Value; // ONNX Runtime numbers the types as ONNX does
            }
            else if (field.Number == 2)
            {
                dimensions = [];
                foreach (var dimension in reader.Fields(field).Where(f => f.Number == 1))
                {
                    var size = -1L;
                    foreach (var part in reader.Fields(dimension).Where(f => f.Number == 1))
                    {
                        size = (long)part.Value;
                    }

                    dimensions.Add(size);
                }
            }
        }

        return (type, dimensions);
    }
}
