using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Valori.Kernel.Memory;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>
/// One byte a component of a full segment's vectors: half or a quarter of what an exact scan reads, and enough to prove of
/// most rows that they cannot be among the nearest (<see cref="CoarseBound"/>). Immutable. Derived from the vectors alone:
/// never hashed, never stored.
/// </summary>
/// <remarks>
/// Layout: one stratum after another (<see cref="CoarseShape"/>); in a stratum, blocks of 8 rows; in a block, groups of 4
/// components; in a group, the 4 bytes of row 0, then of row 1, ...: 32 bytes, in which each 32-bit lane of a vector register
/// belongs to one row. So the sums of products of 8 rows come out side by side, with nothing to add across lanes.
/// </remarks>
internal sealed class CoarseColumn
{
    /// <summary>Rows of a block.</summary>
    public const int BlockRows = 8;

    /// <summary>Bytes of a group: 4 components of 8 rows.</summary>
    public const int GroupBytes = BlockRows * CoarseShape.GroupComponents;

    /// <summary>A code is stored with this offset, as unsigned bytes are what the vector units multiply with signed ones.</summary>
    public const int CodeOffset = 64;

    /// <summary>Stands in <see cref="Norms"/> for a row out of the scale's reach: no bound excludes it.</summary>
    public const int Unbounded = int.MinValue;

    // What bounds are compared with has 31 bits.
    private const long LargestStoredNorm = (1 << 30) - 1;

    // More rows out of reach than one in so many, and the segment gets a scale of its own.
    private const int UnboundedFraction = 256;

    private readonly int _rows;

    private CoarseColumn(CoarseScale scale, bool isForDot, int rows, AlignedArray<byte> codes, AlignedArray<int>[] norms)
    {
        IsForDot = isForDot;
        _rows = rows;
        Scale = scale;
        Codes = codes;
        Norms = norms;
    }

    public CoarseScale Scale { get; }

    /// <summary>Whether it bounds inner products; otherwise it bounds distances.</summary>
    public bool IsForDot { get; }

    public CoarseShape Shape => Scale.Shape;

    public AlignedArray<byte> Codes { get; }

    /// <summary>
    /// Per stratum and row the squared norm of y's components up to the stratum's end, in units of <c>2^NormShift</c>,
    /// rounded down; or <see cref="Unbounded"/>. For inner products the squared norm of the whole row is taken off it and that of the
    /// center is added (<see cref="CoarseBound"/>).
    /// </summary>
    public AlignedArray<int>[] Norms { get; }

    /// <summary>What codes and norms take.</summary>
    public long Bytes => Codes.Length + (long)Norms.Length * _rows * sizeof(int);

    /// <summary>No row has a larger Euclidean norm of its codes; rounded up.</summary>
    public long LargestCodeNorm { get; private set; }

    /// <summary>No row has a larger Euclidean norm of its errors, in raw units; rounded up.</summary>
    public long LargestErrorNorm { get; private set; }

    /// <summary>No row has a larger Euclidean norm, in raw units; rounded up.</summary>
    public long LargestNorm { get; private set; }

    /// <summary>Coarsens a full segment, with the scale of the one before it if that still fits.</summary>
    /// <returns>Null if the dimension is too large or the vectors are too long to bound scores inside 64 bits.</returns>
    public static CoarseColumn? Build(ColumnMemory memory, VectorColumn vectors, ReadOnlySpan<long> squaredNorms, EngineSchema schema, CoarseScale? previous)
    {
        int rows = squaredNorms.Length;
        if (schema.Dimension > CoarseScale.MaximumDimension) return null;
        foreach (long norm in squaredNorms)
        {
            if (norm > CoarseBound.LargestSquaredNorm) return null;
        }
        CoarseShape shape = new(schema.Dimension);
        bool isForDot = schema.Metric == Metric.Dot;
        AlignedArray<byte> codes = memory.Allocate<byte>(rows * shape.Groups * CoarseShape.GroupComponents);
        AlignedArray<int>[] norms = [.. Enumerable.Range(0, shape.Strata).Select(_ => memory.Allocate<int>(rows))];
        if (previous is not null && TryFill(vectors, squaredNorms, new CoarseColumn(previous, isForDot, rows, codes, norms), isOwnScale: false) is { } column) return column;
        return TryFill(vectors, squaredNorms, new CoarseColumn(CoarseScale.Fit(vectors, squaredNorms, shape), isForDot, rows, codes, norms), isOwnScale: true);
    }

    /// <summary>The first byte of a block in a stratum.</summary>
    public int Offset(int stratum, int block) =>
        (Shape.Start(stratum) * (_rows / BlockRows) + block * Shape.Length(stratum)) * GroupBytes;

    private static CoarseColumn? TryFill(VectorColumn vectors, ReadOnlySpan<long> squaredNorms, CoarseColumn column, bool isOwnScale)
    {
        CoarseScale scale = column.Scale;
        int rows = column._rows;
        CoarseRow coarse = new(scale);
        int rowBytes = scale.Shape.Groups * CoarseShape.GroupComponents;
        byte[] block = new byte[BlockRows * rowBytes];
        // Components that pad the last group have code 0.
        block.AsSpan().Fill(CodeOffset);
        long codeNorm = 0, errorNorm = 0, reached = 0, largestNorm = 0;
        int unbounded = 0;
        for (int row = 0; row < rows; row++)
        {
            int blockRow = row % BlockRows;
            bool isBounded = coarse.Set(vectors, row, block.AsSpan(blockRow * rowBytes, rowBytes));
            if (blockRow == BlockRows - 1) column.Interleave(row / BlockRows, block, rowBytes);
            long others = column.IsForDot ? scale.SquaredCenterNorm - squaredNorms[row] : 0;
            // They ascend from stratum to stratum. Large ones may be cut off downwards, small ones not upwards.
            isBounded = isBounded && (coarse.SquaredNorms[0] + others) >> scale.NormShift >= -LargestStoredNorm;
            for (int stratum = 0; stratum < column.Norms.Length; stratum++)
                column.Norms[stratum][row] = isBounded ? (int)Math.Min((coarse.SquaredNorms[stratum] + others) >> scale.NormShift, LargestStoredNorm) : Unbounded;
            reached = Math.Max(reached, coarse.LargestMagnitude);
            if (!isBounded)
            {
                if (++unbounded > rows / UnboundedFraction && !isOwnScale) return null;
                continue;
            }
            codeNorm = Math.Max(codeNorm, coarse.SquaredCodeNorm);
            errorNorm = Math.Max(errorNorm, coarse.SquaredErrorNorm);
            largestNorm = Math.Max(largestNorm, squaredNorms[row]);
        }
        // A scale made for longer vectors would waste precision on these.
        if (!isOwnScale && reached < scale.Reach / 3) return null;
        column.LargestCodeNorm = CoarseBound.RootUp(codeNorm);
        column.LargestErrorNorm = CoarseBound.RootUp(errorNorm);
        column.LargestNorm = CoarseBound.RootUp(largestNorm);
        return column;
    }

    /// <summary>Writes a block whose rows are given one after another.</summary>
    private void Interleave(int block, ReadOnlySpan<byte> rows, int rowBytes)
    {
        for (int stratum = 0; stratum < Shape.Strata; stratum++)
        {
            int start = Shape.Start(stratum), length = Shape.Length(stratum), group = 0;
            Span<byte> groups = Codes.AsSpan(Offset(stratum, block), length * GroupBytes);
            ReadOnlySpan<byte> part = rows[(start * CoarseShape.GroupComponents)..];
            if (Avx2.IsSupported)
            {
                for (; group <= length - 4; group += 4)
                    InterleaveFour(ref MemoryMarshal.GetReference(part[(group * CoarseShape.GroupComponents)..]), rowBytes, ref MemoryMarshal.GetReference(groups[(group * GroupBytes)..]));
            }
            for (; group < length; group++)
            {
                for (int row = 0; row < BlockRows; row++)
                    part.Slice(row * rowBytes + group * CoarseShape.GroupComponents, CoarseShape.GroupComponents).CopyTo(groups[(group * GroupBytes + row * CoarseShape.GroupComponents)..]);
            }
        }
    }

    /// <summary>Four groups of 8 rows: 4 x 4 lanes are transposed in each half of the registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveFour(ref byte rows, int rowBytes, ref byte groups)
    {
        Vector256<uint> rows04 = TwoRows(ref rows, rowBytes, 0), rows15 = TwoRows(ref rows, rowBytes, 1);
        Vector256<uint> rows26 = TwoRows(ref rows, rowBytes, 2), rows37 = TwoRows(ref rows, rowBytes, 3);
        Vector256<ulong> low01 = Avx2.UnpackLow(rows04, rows15).AsUInt64(), high01 = Avx2.UnpackHigh(rows04, rows15).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(rows26, rows37).AsUInt64(), high23 = Avx2.UnpackHigh(rows26, rows37).AsUInt64();
        Avx2.UnpackLow(low01, low23).AsByte().StoreUnsafe(ref groups);
        Avx2.UnpackHigh(low01, low23).AsByte().StoreUnsafe(ref groups, GroupBytes);
        Avx2.UnpackLow(high01, high23).AsByte().StoreUnsafe(ref groups, 2 * GroupBytes);
        Avx2.UnpackHigh(high01, high23).AsByte().StoreUnsafe(ref groups, 3 * GroupBytes);
    }

    /// <summary>Four groups of a row and of the fourth one after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> TwoRows(ref byte rows, int rowBytes, int row) => Vector256.Create(
        Vector128.LoadUnsafe(ref rows, (nuint)(row * rowBytes)), Vector128.LoadUnsafe(ref rows, (nuint)((row + BlockRows / 2) * rowBytes))).AsUInt32();
}
