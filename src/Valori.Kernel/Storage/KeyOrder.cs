using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>
/// All rows that have a key, live or not, by key and then by row. The first list by key makes it, and the next ones sort and add what was
/// inserted since: an engine that never lists by key pays nothing. Any number of readers; a row's key never changes, so one order serves all Views.
/// </summary>
internal sealed class KeyOrder(RecordTable records)
{
    // Rows that came since the last merge are kept apart up to this number, or this part of all: a merge copies all.
    private const int LeastMerged = 1_024, MergedPart = 16;

    private readonly Lock _extending = new();
    private volatile Sorted _sorted = new([], [], 0);

    /// <summary>What the rows take.</summary>
    public long Bytes => _sorted is { } sorted ? (long)(sorted.Rows.Length + sorted.Recent.Length) * sizeof(uint) : 0;

    /// <summary>Rows, with a key or without, that a list of a View sorts first.</summary>
    public ulong RowsToSort(ulong slots) => _sorted.Slots is var known && known < slots ? slots - known : 0;

    /// <summary>Rows with a key, from one end, or from after a place on.</summary>
    /// <param name="slots">Of the reader's View: every row below is there, and later ones may be too.</param>
    /// <param name="afterKey">Null for the beginning.</param>
    /// <param name="stop">Looked at while rows are sorted.</param>
    public IEnumerable<uint> Rows(ulong slots, RecordKey? afterKey, ulong afterId, bool isDescending, CancellationToken stop)
    {
        Sorted sorted = UpTo(slots, stop);
        uint[] rows = sorted.Rows, recent = sorted.Recent;
        int step = isDescending ? -1 : 1, place = Start(rows), recentPlace = Start(recent);
        while (true)
        {
            bool hasRow = (uint)place < (uint)rows.Length, hasRecent = (uint)recentPlace < (uint)recent.Length;
            if (!hasRow && !hasRecent) yield break;
            if (!hasRecent || hasRow && Compare(rows[place], recent[recentPlace]) < 0 != isDescending)
            {
                yield return rows[place];
                place += step;
            }
            else
            {
                yield return recent[recentPlace];
                recentPlace += step;
            }
        }

        int Start(uint[] of)
        {
            if (afterKey is null) return isDescending ? of.Length - 1 : 0;
            int low = 0, high = of.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                int order = KeyOf(of[middle]).SequenceCompareTo(afterKey.Utf8);
                if (order == 0) order = ((ulong)of[middle]).CompareTo(afterId);
                if (order < 0 || order == 0 && !isDescending) low = middle + 1;
                else high = middle;
            }
            return isDescending ? low - 1 : low;
        }
    }

    private Sorted UpTo(ulong slots, CancellationToken stop)
    {
        if (_sorted is { } known && known.Slots >= slots) return known;
        lock (_extending)
        {
            Sorted sorted = _sorted;
            return sorted.Slots >= slots ? sorted : _sorted = Extended(sorted, slots, stop);
        }
    }

    private Sorted Extended(Sorted sorted, ulong slots, CancellationToken stop)
    {
        List<uint> added = [];
        for (ulong row = sorted.Slots; row < slots; row++)
        {
            stop.ThrowIfCancellationRequested();
            if (!KeyOf((uint)row).IsEmpty) added.Add((uint)row);
        }
        if (added.Count == 0) return sorted with { Slots = slots };
        uint[] recent = Merge(sorted.Recent, Sort(added, stop));
        return recent.Length <= Math.Max(LeastMerged, sorted.Rows.Length / MergedPart)
            ? new Sorted(sorted.Rows, recent, slots)
            : new Sorted(Merge(sorted.Rows, recent), [], slots);
    }

    private uint[] Sort(List<uint> rows, CancellationToken stop)
    {
        // Keys mostly begin alike. What comes next nearly always decides, and is compared in registers.
        ReadOnlySpan<byte> first = KeyOf(rows[0]);
        int common = first.Length;
        foreach (uint row in rows) common = Math.Min(common, first[..common].CommonPrefixLength(KeyOf(row)));
        Entry[] entries = new Entry[rows.Count];
        Span<byte> next = stackalloc byte[2 * sizeof(ulong)];
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> rest = KeyOf(rows[i])[common..];
            next.Clear();
            rest[..Math.Min(rest.Length, next.Length)].CopyTo(next);
            entries[i] = new Entry(BinaryPrimitives.ReadUInt64BigEndian(next), BinaryPrimitives.ReadUInt64BigEndian(next[sizeof(ulong)..]), rows[i]);
        }
        try
        {
            entries.AsSpan().Sort(new EntryOrder(this, stop));
        }
        catch (InvalidOperationException e) when (e.InnerException is OperationCanceledException cancelled)
        {
            // So a sort wraps what its comparer throws.
            ExceptionDispatchInfo.Throw(cancelled);
        }
        return Array.ConvertAll(entries, entry => entry.Row);
    }

    private uint[] Merge(uint[] rows, uint[] recent)
    {
        if (rows.Length == 0) return recent;
        uint[] merged = new uint[rows.Length + recent.Length];
        int from = 0;
        for (int i = 0; i < recent.Length; i++)
        {
            int low = from, high = rows.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (Compare(rows[middle], recent[i]) < 0) low = middle + 1;
                else high = middle;
            }
            rows.AsSpan(from, low - from).CopyTo(merged.AsSpan(from + i));
            merged[low + i] = recent[i];
            from = low;
        }
        rows.AsSpan(from).CopyTo(merged.AsSpan(from + recent.Length));
        return merged;
    }

    private int Compare(uint row, uint other)
    {
        int keys = KeyOf(row).SequenceCompareTo(KeyOf(other));
        return keys != 0 ? keys : row.CompareTo(other);
    }

    private ReadOnlySpan<byte> KeyOf(uint row) => records.KeyOf(new RecordId(row));

    /// <summary>Rows below a number, in two sorted lists.</summary>
    private sealed record Sorted(uint[] Rows, uint[] Recent, ulong Slots);

    /// <summary>A row, and the 16 bytes of its key after what all keys begin with.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(ulong High, ulong Low, uint Row);

    private readonly struct EntryOrder(KeyOrder order, CancellationToken stop) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y)
        {
            stop.ThrowIfCancellationRequested();
            return x.High != y.High ? x.High.CompareTo(y.High) : x.Low != y.Low ? x.Low.CompareTo(y.Low) : order.Compare(x.Row, y.Row);
        }
    }
}
