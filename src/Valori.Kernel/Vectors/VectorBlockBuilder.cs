using System.Runtime.InteropServices;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Converts float vectors one by one into the bytes of a block: in 16 bits a component as long as all of them fit, in 32
/// bits from the first vector on that does not.
/// </summary>
internal ref struct VectorBlockBuilder
{
    private readonly EngineSchema _schema;
    private readonly int _dimension;
    private readonly int[] _row;
    private readonly long[] _squaredNorms;
    private byte[] _raw;
    private bool _isNarrow = true;
    private int _count;

    /// <param name="count">How many vectors will be added.</param>
    public VectorBlockBuilder(EngineSchema schema, int count)
    {
        _schema = schema;
        _dimension = schema.Dimension;
        _row = new int[_dimension];
        _squaredNorms = new long[count];
        _raw = GC.AllocateUninitializedArray<byte>(count * _dimension * sizeof(short));
    }

    /// <summary>Adds a vector of the dimension, or says why it is refused.</summary>
    public Refusal? Add(ReadOnlySpan<float> vector)
    {
        if (Convert(vector, out long magnitude) is { } wrong) return wrong;
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

    private readonly Refusal? Convert(ReadOnlySpan<float> vector, out long magnitude)
    {
        magnitude = 0;
        int bad = _schema.Metric == Metric.Cosine ? FixedPoint.FirstNotFinite(vector) : FixedPoint.Convert(vector, _row, _schema.ScaleExponent, out magnitude);
        if (bad >= 0) return FixedPoint.RefuseComponent(Where, bad, vector[bad], _schema.ScaleExponent);
        if (_schema.Metric != Metric.Cosine) return null;
        if (!FixedPoint.Normalise(vector, _row, _schema.ScaleExponent)) return FixedPoint.RefuseZero(Where);
        magnitude = FixedPoint.Magnitude(_row);
        return null;
    }

    private readonly Refusal? RefuseNorm(long squaredNorm, ReadOnlySpan<float> vector)
    {
        if (squaredNorm < 0) return FixedPoint.RefuseNorm(Where, vector, _schema.ScaleExponent);
        return FixedPoint.IsZero(vector) ? null : FixedPoint.RefuseSmall(Where, vector, _schema);
    }

    private void Widen()
    {
        byte[] wide = GC.AllocateUninitializedArray<byte>(checked(_raw.Length * 2));
        VectorBlock.Widened(MemoryMarshal.Cast<byte, short>(_raw)[..(_count * _dimension)], MemoryMarshal.Cast<byte, int>(wide.AsSpan()));
        _raw = wide;
        _isNarrow = false;
    }
}
