using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Vectors;

namespace Valori;

/// <summary>
/// Vectors of one dimension as raw values, checked against the limits of norm and components: a block holds valid vectors only.
/// Stored little-endian in the narrowest exact form, row after row: 16 bits a component if all of them fit
/// (<see cref="Limits.NarrowMagnitude"/>), 32 bits otherwise. Immutable and thread-safe; the given memory is wrapped, not copied.
/// </summary>
public sealed class VectorBlock : IEquatable<VectorBlock>
{
    private readonly long[] _squaredNorms;

    private VectorBlock(int dimension, bool isNarrow, ReadOnlyMemory<byte> raw, long[] squaredNorms)
    {
        Dimension = dimension;
        IsNarrow = isNarrow;
        Raw = raw;
        _squaredNorms = squaredNorms;
    }

    /// <summary>Components of each vector.</summary>
    public int Dimension { get; }

    /// <summary>Number of vectors.</summary>
    public int Count => _squaredNorms.Length;

    /// <summary>Whether <see cref="Raw"/> has 16 bits a component; 32 otherwise.</summary>
    public bool IsNarrow { get; }

    /// <summary>The raw values, little-endian, <c>Count * Dimension</c> of them.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The squared raw norm of each vector.</summary>
    public ReadOnlySpan<long> SquaredNorms => _squaredNorms;

    /// <summary>The components of a narrow block, row after row.</summary>
    internal ReadOnlySpan<short> Narrow => MemoryMarshal.Cast<byte, short>(Raw.Span);

    /// <summary>The components of a wide block, row after row.</summary>
    internal ReadOnlySpan<int> Wide => MemoryMarshal.Cast<byte, int>(Raw.Span);

    /// <summary>
    /// Converts one vector for a collection. Refused with index and value if a component is not finite or out of range, if the norm is too
    /// large, and if the vector is not zero but all of its components round to zero; with <see cref="Metric.Cosine"/> also if it is zero.
    /// </summary>
    public static Outcome<VectorBlock> FromVector(EngineSchema schema, ReadOnlySpan<float> vector) =>
        vector.Length == schema.Dimension ? FromComponents(schema, vector) : RefuseLength("", schema.Dimension, vector.Length);

    /// <summary>Converts one vector for a collection that has nothing but a dimension.</summary>
    public static Outcome<VectorBlock> FromVector(int dimension, ReadOnlySpan<float> vector) => FromVector(new EngineSchema(dimension), vector);

    /// <summary>Converts vectors given one after another in one span, <c>count * dimension</c> components.</summary>
    public static Outcome<VectorBlock> FromComponents(EngineSchema schema, ReadOnlySpan<float> components)
    {
        int dimension = schema.Dimension;
        (int count, int rest) = Math.DivRem(components.Length, dimension);
        if (rest != 0) return RefuseLength($"vector {count}: ", dimension, rest);
        if (IsTooLarge(count, dimension)) return RefuseSize(count, dimension);
        VectorBlockBuilder builder = new(schema, count);
        for (int row = 0; row < count; row++)
        {
            if (builder.Add(components.Slice(row * dimension, dimension)) is { } refusal) return refusal;
        }
        return builder.Build();
    }

    /// <summary>The same for a collection that has nothing but a dimension.</summary>
    public static Outcome<VectorBlock> FromComponents(int dimension, ReadOnlySpan<float> components) => FromComponents(new EngineSchema(dimension), components);

    /// <summary>Converts vectors given one by one; the message of a refusal names the vector's index.</summary>
    public static Outcome<VectorBlock> FromVectors(EngineSchema schema, IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        int dimension = schema.Dimension;
        for (int row = 0; row < vectors.Count; row++)
        {
            if (vectors[row].Length != dimension) return RefuseLength($"vector {row}: ", dimension, vectors[row].Length);
        }
        if (IsTooLarge(vectors.Count, dimension)) return RefuseSize(vectors.Count, dimension);
        VectorBlockBuilder builder = new(schema, vectors.Count);
        for (int row = 0; row < vectors.Count; row++)
        {
            if (builder.Add(vectors[row].Span) is { } refusal) return refusal;
        }
        return builder.Build();
    }

    /// <summary>The same for a collection that has nothing but a dimension.</summary>
    public static Outcome<VectorBlock> FromVectors(int dimension, IReadOnlyList<ReadOnlyMemory<float>> vectors) => FromVectors(new EngineSchema(dimension), vectors);

    /// <summary>Wraps raw values that came from a journal, a snapshot or another process, checking them again.</summary>
    /// <exception cref="ArgumentException">The length, a narrow value or a norm is not what a block may hold.</exception>
    public static VectorBlock FromRaw(int dimension, bool isNarrow, ReadOnlyMemory<byte> raw)
    {
        if (dimension is < Limits.MinimumDimension or > Limits.MaximumDimension)
            throw new ArgumentException($"dimension {dimension} is not in {Limits.MinimumDimension}..{Limits.MaximumDimension}");
        int rowBytes = dimension * (isNarrow ? sizeof(short) : sizeof(int));
        if (raw.Length % rowBytes != 0)
            throw new ArgumentException($"{raw.Length} bytes of raw values are not a multiple of a row's {rowBytes} bytes");

        long[] norms = new long[raw.Length / rowBytes];
        CheckedNorms(dimension, isNarrow, raw.Span, norms);
        return new VectorBlock(dimension, isNarrow, raw, norms);
    }

    /// <summary>The squared norms of vectors given as raw values, as many as there is room for.</summary>
    /// <exception cref="ArgumentException">A narrow value or a norm is not what a vector may have.</exception>
    internal static void CheckedNorms(int dimension, bool isNarrow, ReadOnlySpan<byte> raw, Span<long> norms)
    {
        int rowBytes = dimension * (isNarrow ? sizeof(short) : sizeof(int));
        for (int i = 0; i < norms.Length; i++)
        {
            ReadOnlySpan<byte> row = raw.Slice(i * rowBytes, rowBytes);
            norms[i] = isNarrow ? CheckedNorm(i, MemoryMarshal.Cast<byte, short>(row)) : CheckedNorm(i, MemoryMarshal.Cast<byte, int>(row));
        }
    }

    /// <summary>
    /// Why these cannot be vectors or queries of a collection, or null: another dimension, or, with <see cref="Metric.Cosine"/>, a vector
    /// that is not normalised (section 1 of docs/formats.md in Valori's repository). For what comes as raw values.
    /// </summary>
    internal Refusal? CheckAgainst(EngineSchema schema)
    {
        if (Dimension != schema.Dimension) return new Refusal(RefusalKind.InvalidArgument, $"expected {schema.Dimension} components, got {Dimension}");
        return CheckNorms(schema, _squaredNorms);
    }

    /// <summary>Why these are not squared norms of vectors of a collection, or null.</summary>
    internal static Refusal? CheckNorms(EngineSchema schema, ReadOnlySpan<long> squaredNorms)
    {
        if (schema.Metric != Metric.Cosine) return null;
        (long least, long most) = FixedPoint.NormalisedNorms(schema);
        for (int row = 0; row < squaredNorms.Length; row++)
        {
            if (squaredNorms[row] >= least && squaredNorms[row] <= most) continue;
            return new Refusal(RefusalKind.InvalidArgument,
                $"vector {row} is not normalised, and the metric of the collection is cosine: its squared raw norm is {squaredNorms[row]}; it must be in {least}..{most}");
        }
        return null;
    }

    /// <summary>Copies the raw values of one vector, <see cref="Dimension"/> of them.</summary>
    public void CopyRow(int row, Span<int> destination)
    {
        int rowBytes = Dimension * (IsNarrow ? sizeof(short) : sizeof(int));
        Widen(Raw.Span.Slice(row * rowBytes, rowBytes), IsNarrow, destination);
    }

    public bool Equals(VectorBlock? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Dimension == other.Dimension && IsNarrow == other.IsNarrow && Raw.Span.SequenceEqual(other.Raw.Span));

    public override bool Equals(object? obj) => Equals(obj as VectorBlock);

    public override int GetHashCode() => HashCode.Combine(Dimension, Count, Count == 0 ? 0 : _squaredNorms[0]);

    public override string ToString() => $"{Count} x {Dimension}, {(IsNarrow ? 16 : 32)} bits";

    /// <summary>Wraps what the builder has checked.</summary>
    internal static VectorBlock FromChecked(int dimension, bool isNarrow, byte[] raw, long[] squaredNorms) =>
        new(dimension, isNarrow, raw, squaredNorms);

    internal static bool FitsNarrow(ReadOnlySpan<int> raw) => FixedPoint.Magnitude(raw) <= Limits.NarrowMagnitude;

    /// <summary>Values that fit 16 bits, in 16 bits.</summary>
    internal static void Narrowed(ReadOnlySpan<int> source, Span<short> destination)
    {
        destination = destination[..source.Length];
        int i = 0;
        for (; i <= source.Length - Vector128<short>.Count; i += Vector128<short>.Count)
        {
            Vector128<int> low = Vector128.Create(source[i..]), high = Vector128.Create(source[(i + Vector128<int>.Count)..]);
            Vector128.NarrowWithSaturation(low, high).CopyTo(destination[i..]);
        }
        for (; i < source.Length; i++) destination[i] = (short)source[i];
    }

    internal static void Widened(ReadOnlySpan<short> source, Span<int> destination)
    {
        destination = destination[..source.Length];
        int i = 0;
        ref short from = ref MemoryMarshal.GetReference(source);
        ref int to = ref MemoryMarshal.GetReference(destination);
        for (; i <= source.Length - Vector256<short>.Count; i += Vector256<short>.Count)
        {
            (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, (nuint)i));
            low.StoreUnsafe(ref to, (nuint)i);
            high.StoreUnsafe(ref to, (nuint)(i + Vector256<int>.Count));
        }
        for (; i < source.Length; i++) destination[i] = source[i];
    }

    private static void Widen(ReadOnlySpan<byte> row, bool isNarrow, Span<int> destination)
    {
        if (isNarrow) Widened(MemoryMarshal.Cast<byte, short>(row), destination);
        else row.CopyTo(MemoryMarshal.AsBytes(destination));
    }

    private static long CheckedNorm(int index, ReadOnlySpan<short> row) => row.Contains(short.MinValue)
        ? throw new ArgumentException($"vector {index} holds the raw value -32768, which is not stored in 16 bits")
        : DotProduct.Narrow(row, row);

    private static long CheckedNorm(int index, ReadOnlySpan<int> row)
    {
        long norm = FixedPoint.SquaredNorm(row, FixedPoint.Magnitude(row));
        return norm >= 0 ? norm : throw new ArgumentException($"vector {index} has a squared raw norm of 2^61 or more");
    }

    private static bool IsTooLarge(int count, int dimension) => (long)count * dimension * sizeof(int) > Array.MaxLength;

    private static Refusal RefuseLength(string where, int dimension, int length) =>
        new(RefusalKind.InvalidArgument, $"{where}expected {dimension} components, got {length}");

    private static Refusal RefuseSize(int count, int dimension) =>
        new(RefusalKind.LimitExceeded, $"{count} vectors of {dimension} components are too many for one batch: split it");
}
