using System.Runtime.InteropServices;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Converts float vectors one by one into the bytes of a block: in 16 bits a component as long as all of them fit, in 32
/// bits from the first vector on that does not.
/// </summary>
internal ref struct VectorBlockBuilder
{
    private readonly int _dimension;
    private readonly int[] _row;
    private readonly long[] _squaredNorms;
    private byte[] _raw;
    private bool _isNarrow = true;
    private int _count;

    /// <param name="count">How many vectors will be added.</param>
    public VectorBlockBuilder(int dimension, int count)
    {
        _dimension = dimension;
        _row = new int[dimension];
        _squaredNorms = new long[count];
        _raw = GC.AllocateUninitializedArray<byte>(count * dimension * sizeof(short));
    }

    /// <summary>Adds a vector of the dimension, or says why it is refused.</summary>
    public Refusal? Add(ReadOnlySpan<float> vector)
    {
        int bad = FixedPoint.Convert(vector, _row, out long magnitude);
        if (bad >= 0) return FixedPoint.RefuseComponent(Where, bad, vector[bad]);
        long squaredNorm = FixedPoint.SquaredNorm(_row, magnitude);
        if (squaredNorm <= 0 && RefuseNorm(squaredNorm, vector) is { } refusal) return refusal;

        if (_isNarrow && magnitude > Limits.NarrowMagnitude) Widen();
        if (_isNarrow) VectorBlock.Narrowed(_row, MemoryMarshal.Cast<byte, short>(_raw.AsSpan()).Slice(_count * _dimension, _dimension));
        else _row.CopyTo(MemoryMarshal.Cast<byte, int>(_raw.AsSpan())[(_count * _dimension)..]);
        _squaredNorms[_count++] = squaredNorm;
        return null;
    }

    /// <summary>The block, once all vectors are added.</summary>
    public readonly VectorBlock Build() => VectorBlock.FromChecked(_dimension, _isNarrow, _raw, _squaredNorms);

    private readonly string Where => _squaredNorms.Length == 1 ? "" : $"vector {_count}: ";

    private readonly Refusal? RefuseNorm(long squaredNorm, ReadOnlySpan<float> vector)
    {
        if (squaredNorm < 0) return FixedPoint.RefuseNorm(Where, vector);
        return FixedPoint.IsZero(vector) ? null : FixedPoint.RefuseSmall(Where, vector);
    }

    private void Widen()
    {
        byte[] wide = GC.AllocateUninitializedArray<byte>(checked(_raw.Length * 2));
        VectorBlock.Widened(MemoryMarshal.Cast<byte, short>(_raw)[..(_count * _dimension)], MemoryMarshal.Cast<byte, int>(wide.AsSpan()));
        _raw = wide;
        _isNarrow = false;
    }
}
