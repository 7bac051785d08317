using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion.Tests.Tiny;

/// <summary>Writes small ONNX graphs. Field numbers: onnx.proto of github.com/onnx/onnx.</summary>
internal sealed class OnnxWriter
{
    private const int OpSet = 17;
    private const int IrVersion = 8;
    private const int SmallestExternal = 16;

    private readonly List<Action<CodedOutputStream>> _parts = [];
    private readonly List<(string Name, TensorElementType Type, long[] Shape, byte[] Data)> _weights = [];

    public OnnxWriter Input(string name, TensorElementType type, params object[] shape) =>
        Add(11, o => ValueInfo(o, name, type, shape));

    public OnnxWriter Output(string name, TensorElementType type, params object[] shape) =>
        Add(12, o => ValueInfo(o, name, type, shape));

    /// <summary>A constant of a float type; the numbers are converted to it.</summary>
    public OnnxWriter Weights(string name, TensorElementType type, long[] shape, params float[] values)
    {
        var bytes = type switch
        {
            TensorElementType.Float => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            TensorElementType.Float16 => MemoryMarshal
                .AsBytes<Half>(Array.ConvertAll(values, v => (Half)v).AsSpan())
                .ToArray(),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        _weights.Add((name, type, shape, bytes));
        return this;
    }

    public OnnxWriter Integers(string name, params long[] values)
    {
        _weights.Add(
            (name, TensorElementType.Int64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray())
        );
        return this;
    }

    /// <summary>A node; attributes are whole numbers, texts, or lists of whole numbers.</summary>
    public OnnxWriter Node(
        string type,
        string inputs,
        string outputs,
        params (string Name, object Value)[] attributes
    ) =>
        Add(
            1,
            o =>
            {
                Array.ForEach(inputs.Split(' '), i => Text(o, 1, i == "-" ? "" : i));
                Array.ForEach(outputs.Split(' '), i => Text(o, 2, i));
                Text(o, 4, type);
                foreach (var (name, value) in attributes)
                {
                    Message(o, 5, a => Attribute(a, name, value));
                }
            }
        );

    /// <summary>Writes the graph; with a name of a data file the weights go there.</summary>
    public void Save(string path, string? dataFile = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var data = dataFile is null ? null : File.Create(Path.Combine(Path.GetDirectoryName(path)!, dataFile));
        using var file = File.Create(path);
        using var output = new CodedOutputStream(file);
        Number(output, 1, IrVersion);
        Message(output, 8, o => Number(o, 2, OpSet));
        Message(
            output,
            7,
            graph =>
            {
                Text(graph, 2, "tiny");
                foreach (var (name, type, shape, bytes) in _weights)
                {
                    Message(graph, 5, o => Tensor(o, name, type, shape, bytes, data, dataFile));
                }

                _parts.ForEach(write => write(graph));
            }
        );
    }

    private static void Tensor(
        CodedOutputStream output,
        string name,
        TensorElementType type,
        long[] shape,
        byte[] bytes,
        Stream? data,
        string? dataFile
    )
    {
        Array.ForEach(shape, d => Number(output, 1, d));
        Number(output, 2, (long)type);
        Text(output, 8, name);
        // ONNX Runtime wants what shapes depend on in the graph itself.
        if (data is null || type == TensorElementType.Int64 || bytes.Length <= SmallestExternal)
        {
            output.WriteTag(9, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
            return;
        }

        foreach (
            var (key, value) in new[]
            {
                ("location", dataFile!),
                ("offset", $"{data.Position}"),
                ("length", $"{bytes.Length}"),
            }
        )
        {
            Message(
                output,
                13,
                o =>
                {
                    Text(o, 1, key);
                    Text(o, 2, value);
                }
            );
        }

        Number(output, 14, 1);
        data.Write(bytes);
    }

    private static void ValueInfo(CodedOutputStream output, string name, TensorElementType type, object[] shape)
    {
        Text(output, 1, name);
        Message(
            output,
            2,
            o =>
                Message(
                    o,
                    1,
                    tensor =>
                    {
                        Number(tensor, 1, (long)type);
                        Message(
                            tensor,
                            2,
                            dims => Array.ForEach(shape, d => Message(dims, 1, dim => Dimension(dim, d)))
                        );
                    }
                )
        );
    }

    private static void Dimension(CodedOutputStream output, object dimension)
    {
        if (dimension is int size)
        {
            Number(output, 1, size);
        }
        else
        {
            Text(output, 2, (string)dimension);
        }
    }

    private static void Attribute(CodedOutputStream output, string name, object value)
    {
        Text(output, 1, name);
        switch (value)
        {
            case int number:
                Number(output, 3, number);
                Number(output, 20, 2);
                break;
            case string text:
                Text(output, 4, text);
                Number(output, 20, 3);
                break;
            case int[] numbers:
                Array.ForEach(numbers, n => Number(output, 8, n));
                Number(output, 20, 7);
                break;
        }
    }

    private OnnxWriter Add(int field, Action<CodedOutputStream> body)
    {
        _parts.Add(o => Message(o, field, body));
        return this;
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> body)
    {
        using var memory = new MemoryStream();
        using (var inner = new CodedOutputStream(memory, leaveOpen: true))
        {
            body(inner);
        }

        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(memory.ToArray()));
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }
}
