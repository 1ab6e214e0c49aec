namespace Valori.Kernel.Storage;

/// <summary>
/// Lists of rows that only grow, in slabs that they share: no object a list. The owner keeps eight bytes of each list, its count and
/// either its only row or the place of its newest block. One writer appends; a reader reads the list that it has the eight bytes of.
/// </summary>
/// <remarks>
/// Blocks double up to a limit. Each begins with the place of the block before it, so the count alone says which block has how many rows.
/// </remarks>
/// <param name="maximumSlabs">At most <see cref="MaximumSlabs"/>.</param>
internal sealed class PostingLists(int maximumSlabs = PostingLists.MaximumSlabs)
{
    /// <summary>16 GiB: places have 32 bits.</summary>
    public const int MaximumSlabs = 1 << SlabShift;

    private const int SlabShift = 16, LargestSlab = 1 << SlabShift, FirstSlab = 1 << 10;
    private const int FirstBlock = 4, LargestBlock = 1 << 12;

    // Replaced when full; older arrays stay right for the slabs that they hold.
    private volatile uint[][] _slabs = [];
    private int _count;
    private int _used;

    /// <summary>What the slabs take. Writer thread only.</summary>
    public long Bytes { get; private set; }

    /// <summary>A list of one row.</summary>
    public static ulong Of(uint row) => 1UL << 32 | row;

    public static uint CountOf(ulong list) => (uint)(list >> 32);

    /// <summary>The list with a row more, unless that is its newest row; 0 if there is no room. Writer thread only.</summary>
    public ulong Append(ulong list, uint row)
    {
        uint count = CountOf(list), place = (uint)list;
        if (count == 1)
        {
            if (place == row) return list;
            if (!TryReserve(FirstBlock, out uint first)) return 0;
            Span<uint> both = At(first);
            both[1] = place;
            both[2] = row;
            return 2UL << 32 | first;
        }
        Newest(count, out int size, out int used);
        Span<uint> block = At(place);
        if (block[used] == row) return list;
        if (used == size - 1)
        {
            if (!TryReserve(Next(size), out uint next)) return 0;
            block = At(next);
            block[0] = place;
            (place, used) = (next, 0);
        }
        block[used + 1] = row;
        return (ulong)(count + 1) << 32 | place;
    }

    /// <summary>
    /// The list itself; or, if at least half of its rows are there already, a new one with each once, in ascending order. 0 if there is no
    /// room. Who has the old one can read it still. Writer thread only.
    /// </summary>
    public ulong WithoutRepetitions(ulong list)
    {
        uint[] rows = new uint[CountOf(list)];
        CopyTo(list, rows);
        Array.Sort(rows);
        int kept = 1;
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i] != rows[kept - 1]) rows[kept++] = rows[i];
        }
        if (kept > rows.Length / 2) return list;
        ulong shorter = Of(rows[0]);
        for (int i = 1; i < kept && shorter != 0; i++) shorter = Append(shorter, rows[i]);
        return shorter;
    }

    /// <summary>Copies the rows of a list, in the order in which they were appended.</summary>
    /// <param name="rows">As many as the list has.</param>
    public void CopyTo(ulong list, Span<uint> rows)
    {
        uint count = CountOf(list), place = (uint)list;
        if (count == 1)
        {
            rows[0] = place;
            return;
        }
        Newest(count, out int size, out int used);
        for (int end = rows.Length; ; used = size - 1)
        {
            ReadOnlySpan<uint> block = At(place);
            block.Slice(1, used).CopyTo(rows[(end - used)..]);
            end -= used;
            if (end == 0) return;
            place = block[0];
            size = Previous(size, end);
        }
    }

    /// <summary>The size of the newest block of a list, with its first word, and how many rows it has.</summary>
    private static void Newest(uint count, out int size, out int used)
    {
        size = FirstBlock;
        while (count > (uint)size - 1)
        {
            count -= (uint)size - 1;
            if (size == LargestBlock)
            {
                used = (int)((count - 1) % (LargestBlock - 1)) + 1;
                return;
            }
            size = Next(size);
        }
        used = (int)count;
    }

    private static int Next(int size) => Math.Min(size * 2, LargestBlock);

    /// <param name="left">Rows in the blocks before.</param>
    private static int Previous(int size, int left) => size < LargestBlock || left == RowsBelowLargest ? size / 2 : LargestBlock;

    /// <summary>Rows in all blocks before the first of the largest size.</summary>
    private static int RowsBelowLargest
    {
        get
        {
            int rows = 0;
            for (int size = FirstBlock; size < LargestBlock; size *= 2) rows += size - 1;
            return rows;
        }
    }

    private Span<uint> At(uint place) => _slabs[place >> SlabShift].AsSpan((int)(place & (LargestSlab - 1)));

    private bool TryReserve(int size, out uint place)
    {
        place = 0;
        if (_count == 0 || size > _slabs[_count - 1].Length - _used)
        {
            if (_count == maximumSlabs) return false;
            AddSlab();
        }
        place = (uint)(_count - 1) << SlabShift | (uint)_used;
        _used += size;
        return true;
    }

    private void AddSlab()
    {
        // A small engine stays small. A block is never larger than a slab: lists are short while slabs are.
        uint[][] slabs = _slabs;
        int size = (int)Math.Clamp(Bytes / sizeof(uint), LargestBlock, LargestSlab);
        if (_count == 0) size = FirstSlab;
        if (_count == slabs.Length) Array.Resize(ref slabs, Math.Max(4, slabs.Length * 2));
        slabs[_count++] = GC.AllocateUninitializedArray<uint>(size);
        Bytes += (long)size * sizeof(uint);
        _used = 0;
        _slabs = slabs;
    }
}
