namespace Valori.Kernel.Storage;

/// <summary>The columns of one field, by block. One is made when about as many rows of its segment were looked at without it as making it takes.</summary>
internal sealed class ColumnsOfField(RecordTable records, byte[] name)
{
    // Looking at the fields of a row takes about four times as long as putting its value into a column, as the rows of a column follow each other.
    private const int LooksPerRow = 4;

    private readonly Lock _making = new();

    // Replaced by a longer one; what is made into the shorter one meanwhile is made again.
    private volatile Slot[] _slots = [];
    private long _bytes;

    public ReadOnlySpan<byte> Name => name;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>By the clock of the owner.</summary>
    public long LastUsed { get; set; }

    /// <summary>Reads what <see cref="Find"/> will, so that the caches have it.</summary>
    public void Touch(int block) => _ = block < _slots.Length ? _slots[block].Column?.Least : 0;

    /// <summary>The column of a block's segment; null while it is not worth it, or if the segment is not full.</summary>
    /// <param name="rows">Rows of the segment that the View knows of.</param>
    /// <param name="looks">How many of them are about to be looked at.</param>
    /// <param name="version">The View's.</param>
    /// <param name="areAllRight">Whether it has the values of every row at the version, and not only of those whose fields were never replaced.</param>
    public FieldColumn? Find(RecordSegment segment, int block, int rows, int looks, ulong version, out bool areAllRight)
    {
        FieldColumn? column = block < _slots.Length ? Volatile.Read(ref _slots[block].Column) : null;
        // After the column: who made it had seen every replacement up to its version.
        ulong replaced = segment.FieldsReplacedAt;
        areAllRight = column is not null && replaced <= Math.Min(column.Version, version);
        if (areAllRight || rows < segment.FullRows) return column;
        // It would be right as of now, if it is not.
        if (column is null || replaced > column.Version && replaced <= version) return Make(segment, block, rows, looks, version, column, ref areAllRight);
        return column;
    }

    private FieldColumn? Make(RecordSegment segment, int block, int rows, int looks, ulong version, FieldColumn? known, ref bool areAllRight)
    {
        if (block >= _slots.Length && !Grow(block)) return known;
        ref Slot slot = ref _slots[block];
        // Some are not counted if several threads count: it is a guess anyway.
        slot.Looks += looks;
        if ((long)slot.Looks * LooksPerRow < rows || !_making.TryEnter()) return known;
        try
        {
            FieldColumn column = FieldColumn.Build(segment, rows, name, version);
            Interlocked.Add(ref _bytes, column.Bytes - (known?.Bytes ?? 0));
            Put(block, column);
            areAllRight = segment.FieldsReplacedAt <= version;
            return column;
        }
        finally
        {
            _making.Exit();
        }
    }

    /// <summary>Into every block that has the segment.</summary>
    private void Put(int block, FieldColumn column)
    {
        int first = block;
        while (records.SharesSegmentWithPrevious(first)) first--;
        Slot[] slots = _slots;
        for (int of = first; of < slots.Length && (of == first || records.SharesSegmentWithPrevious(of)); of++)
        {
            slots[of].Looks = 0;
            Volatile.Write(ref slots[of].Column, column);
        }
    }

    private bool Grow(int block)
    {
        if (!_making.TryEnter()) return false;
        try
        {
            Slot[] slots = _slots;
            if (block < slots.Length) return true;
            Array.Resize(ref slots, Math.Max(block + 1, Math.Max(records.RoomForBlocks, slots.Length)));
            _slots = slots;
            return true;
        }
        finally
        {
            _making.Exit();
        }
    }

    private struct Slot
    {
        public FieldColumn? Column;
        public int Looks;
    }
}
