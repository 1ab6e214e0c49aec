using Valori.Kernel.Memory;

namespace Valori.Kernel.Vectors;

/// <summary>
/// The vectors of one segment, row after row, in 16 or 32 bits a component. Exactly one of the arrays is there.
/// </summary>
internal sealed class VectorColumn
{
    private VectorColumn(AlignedArray<short>? narrow, AlignedArray<int>? wide)
    {
        Narrow = narrow;
        Wide = wide;
    }

    public AlignedArray<short>? Narrow { get; }

    public AlignedArray<int>? Wide { get; }

    /// <summary>What the rows lie in, maybe among others.</summary>
    public byte[] Memory => Narrow?.Memory ?? Wide!.Memory;

    /// <summary>The rows as bytes, little-endian.</summary>
    public Memory<byte> Bytes => Narrow?.Bytes ?? Wide!.Bytes;

    public static VectorColumn New(ColumnMemory memory, bool isNarrow, int components) =>
        isNarrow ? new VectorColumn(memory.Allocate<short>(components), null) : new VectorColumn(null, memory.Allocate<int>(components));

    /// <summary>The same rows in 32 bits. The narrow column stays as it is for readers that hold it.</summary>
    public VectorColumn Widened(ColumnMemory memory, int usedComponents)
    {
        AlignedArray<short> narrow = Narrow ?? throw new InvalidOperationException("the column is wide already");
        VectorColumn wide = New(memory, isNarrow: false, narrow.Length);
        VectorBlock.Widened(narrow.AsSpan(0, usedComponents), wide.Wide!.AsSpan());
        return wide;
    }

    public void CopyRow(int row, int dimension, Span<int> destination)
    {
        if (Narrow is not null) VectorBlock.Widened(Narrow.AsSpan(row * dimension, dimension), destination);
        else Wide!.AsSpan(row * dimension, dimension).CopyTo(destination);
    }

    /// <summary>Copies a row of another column, which must fit 16 bits if this column has them.</summary>
    public void CopyRow(VectorColumn from, int fromRow, int row, int dimension)
    {
        int source = fromRow * dimension, target = row * dimension;
        if (Wide is not null) from.CopyRow(fromRow, dimension, Wide.AsSpan(target, dimension));
        else if (from.Narrow is not null) from.Narrow.AsSpan(source, dimension).CopyTo(Narrow!.AsSpan(target, dimension));
        else VectorBlock.Narrowed(from.Wide!.AsSpan(source, dimension), Narrow!.AsSpan(target, dimension));
    }

    /// <summary>Whether a row fits 16 bits a component.</summary>
    public bool FitsNarrow(int row, int dimension) => Narrow is not null || VectorBlock.FitsNarrow(Wide!.AsSpan(row * dimension, dimension));

    /// <summary>Sets rows to zero: the memory holds anything before.</summary>
    public void ClearRows(int row, int rows, int dimension)
    {
        if (Narrow is not null) Narrow.AsSpan(row * dimension, rows * dimension).Clear();
        else Wide!.AsSpan(row * dimension, rows * dimension).Clear();
    }

    /// <summary>Copies a row to another one.</summary>
    public void MoveRow(int from, int to, int dimension)
    {
        if (Narrow is not null) Narrow.AsSpan(from * dimension, dimension).CopyTo(Narrow.AsSpan(to * dimension, dimension));
        else Wide!.AsSpan(from * dimension, dimension).CopyTo(Wide.AsSpan(to * dimension, dimension));
    }

    /// <summary>Writes rows of a block, which must be narrow if the column is.</summary>
    public void Write(int row, int dimension, VectorBlock block, int firstBlockRow, int rows)
    {
        int from = firstBlockRow * dimension, to = row * dimension, length = rows * dimension;
        if (Narrow is not null) block.Narrow.Slice(from, length).CopyTo(Narrow.AsSpan(to, length));
        else if (block.IsNarrow) VectorBlock.Widened(block.Narrow.Slice(from, length), Wide!.AsSpan(to, length));
        else block.Wide.Slice(from, length).CopyTo(Wide!.AsSpan(to, length));
    }
}
