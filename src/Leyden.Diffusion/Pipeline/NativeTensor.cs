using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Memory outside the managed heap that ONNX Runtime reads and writes in place. It is used again and again: it grows when a larger
/// shape is asked for and never shrinks before it is disposed. For one thread at a time.
/// </summary>
internal sealed unsafe class NativeTensor : IDisposable
{
    private const nuint Alignment = 64;

    private void* _data;
    private nuint _capacity;
    private OrtValue? _value;
    private long[] _shape = [];
    private TensorElementType _type;
    private int _length;

    /// <summary>The tensor as ONNX Runtime sees it; valid until the next <see cref="Shape"/>.</summary>
    public OrtValue Value => _value ?? throw new InvalidOperationException("The tensor has no shape yet.");

    /// <summary>Makes room for a shape. What the memory holds is not kept.</summary>
    public void Shape(TensorElementType type, params ReadOnlySpan<long> shape)
    {
        if (_value is not null && type == _type && shape.SequenceEqual(_shape))
        {
            return;
        }

        var length = 1L; // of a scalar, which has no dimensions
        foreach (var dimension in shape)
        {
            length = checked(length * dimension);
        }

        var bytes = checked((nuint)length * (nuint)SizeOf(type));
        _value?.Dispose();
        _value = null;
        if (bytes > _capacity)
        {
            NativeMemory.AlignedFree(_data);
            _capacity = 0; // should the next line fail
            _data = null;
            _data = NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
            _capacity = bytes;
        }

        (_type, _shape, _length) = (type, shape.ToArray(), checked((int)length));
        _value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance,
            type,
            _shape,
            (nint)_data,
            (long)bytes
        );
    }

    /// <summary>The elements as they are, of a type of the tensor's size.</summary>
    public Span<T> Elements<T>()
        where T : unmanaged =>
        Unsafe.SizeOf<T>() == SizeOf(_type)
            ? new Span<T>(_data, _length)
            : throw new InvalidOperationException($"The tensor holds {_type}.");

    /// <summary>Sets all elements to zero.</summary>
    public void Clear() => new Span<byte>(_data, _length * SizeOf(_type)).Clear();

    /// <summary>Writes numbers from element <paramref name="offset"/> on, converted to the tensor's type (float16 to nearest, ties to even).</summary>
    public void Store(ReadOnlySpan<float> source, int offset = 0)
    {
        switch (_type)
        {
            case TensorElementType.Float:
                source.CopyTo(Elements<float>()[offset..]);
                break;
            case TensorElementType.Float16:
                TensorPrimitives.ConvertToHalf(source, Elements<Half>().Slice(offset, source.Length));
                break;
            default:
                throw new InvalidOperationException($"The tensor holds {_type}, not float or float16.");
        }
    }

    /// <summary>Reads numbers from element <paramref name="offset"/> on.</summary>
    public void Load(Span<float> destination, int offset = 0)
    {
        switch (_type)
        {
            case TensorElementType.Float:
                Elements<float>().Slice(offset, destination.Length).CopyTo(destination);
                break;
            case TensorElementType.Float16:
                TensorPrimitives.ConvertToSingle(Elements<Half>().Slice(offset, destination.Length), destination);
                break;
            default:
                throw new InvalidOperationException($"The tensor holds {_type}, not float or float16.");
        }
    }

    /// <summary>Numbers from element <paramref name="offset"/> on: where they are when they are float, else converted into <paramref name="room"/>.</summary>
    public Span<float> Floats(int offset, Span<float> room)
    {
        if (_type == TensorElementType.Float)
        {
            return Elements<float>().Slice(offset, room.Length);
        }

        Load(room, offset);
        return room;
    }

    /// <summary>Copies elements into another tensor, converted to its type.</summary>
    public void CopyTo(int offset, int count, NativeTensor target, int targetOffset)
    {
        if (target._type == _type)
        {
            var size = SizeOf(_type);
            new Span<byte>(_data, _length * size)
                .Slice(offset * size, count * size)
                .CopyTo(new Span<byte>(target._data, target._length * size)[(targetOffset * size)..]);
        }
        else if (_type == TensorElementType.Float)
        {
            target.Store(Elements<float>().Slice(offset, count), targetOffset);
        }
        else
        {
            Load(target.Elements<float>().Slice(targetOffset, count), offset);
        }
    }

    public void Dispose()
    {
        _value?.Dispose();
        _value = null;
        NativeMemory.AlignedFree(_data);
        _data = null;
        (_capacity, _length, _shape) = (0, 0, []);
        GC.SuppressFinalize(this);
    }

    ~NativeTensor() => NativeMemory.AlignedFree(_data);

    private static int SizeOf(TensorElementType type) =>
        type switch
        {
            TensorElementType.Float or TensorElementType.Int32 => 4,
            TensorElementType.Float16 => 2,
            TensorElementType.Int64 => 8,
            TensorElementType.Bool => 1,
            _ => throw new InvalidOperationException($"Tensors of {type} are not used here."),
        };
}
