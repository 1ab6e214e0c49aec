using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>
/// Which record expires when: a heap with the earliest time on top. An entry stays when its record is deleted or gets another expiry. It is
/// recognised by that, and dropped when it comes to the top or when room is needed, so stale entries are never more than the others by
/// much. 12 bytes an entry. Writer thread only.
/// </summary>
internal sealed class ExpiryIndex(RecordTable records)
{
    private const int LeastRoom = 16;

    private Entry[] _heap = [];
    private int _count;

    /// <summary>What the entries take.</summary>
    public long Bytes => (long)_heap.Length * Marshal.SizeOf<Entry>();

    /// <summary>Entries, stale ones too.</summary>
    internal int Count => _count;

    /// <summary>A record expires at this time, instead of what was said of it before.</summary>
    /// <param name="version">The present one.</param>
    public void Add(RecordId id, long at, ulong version)
    {
        if (_count == _heap.Length) MakeRoom(version);
        _heap[_count] = new Entry(at, (uint)id.Value);
        SiftUp(_count++);
    }

    /// <summary>When the next record expires, in microseconds since 1970; null if none ever does.</summary>
    /// <param name="version">The present one.</param>
    public long? Earliest(ulong version)
    {
        while (_count > 0)
        {
            if (IsCurrent(_heap[0], version)) return _heap[0].At;
            _heap[0] = _heap[--_count];
            SiftDown(0);
        }
        return null;
    }

    /// <summary>The records that expire at this time or earlier: those that expire first, and of those that expire together the ones with the lowest ids.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="version">The present one.</param>
    /// <returns>Their ids, ascending.</returns>
    public ulong[] Due(long time, int most, ulong version)
    {
        // A replay asks for nothing but this. Without it, each event would look at all that expired before.
        _ = Earliest(version);
        // Whatever is below an entry ends later, so only what lies next to those that were taken is looked at.
        PriorityQueue<int, Entry> next = new();
        List<ulong> due = [];
        Enqueue(0);
        Entry? last = null;
        while (due.Count < most && next.TryDequeue(out int place, out Entry entry))
        {
            Enqueue(2 * place + 1);
            Enqueue(2 * place + 2);
            // A record that got an expiry, another one and the first one again is here twice.
            if (entry == last || !IsCurrent(entry, version)) continue;
            last = entry;
            due.Add(entry.Id);
        }
        due.Sort();
        return [.. due];

        void Enqueue(int place)
        {
            if (place < _count && _heap[place].At <= time) next.Enqueue(place, _heap[place]);
        }
    }

    private bool IsCurrent(Entry entry, ulong version)
    {
        RecordSegment segment = records.Find(new RecordId(entry.Id), out int row);
        return segment.IsLive(row, version) && segment.GetAttributes(row, version).ExpiresAtUnixMicroseconds == entry.At;
    }

    /// <summary>Drops what is stale. The room grows only if that is less than half, so what is dropped pays for looking at all of it.</summary>
    private void MakeRoom(ulong version)
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (IsCurrent(_heap[i], version)) _heap[kept++] = _heap[i];
        }
        _count = kept;
        if (kept > _heap.Length / 2 || _heap.Length == 0) Array.Resize(ref _heap, Math.Max(LeastRoom, checked(_heap.Length * 2)));
        for (int place = kept / 2 - 1; place >= 0; place--) SiftDown(place);
    }

    private void SiftUp(int place)
    {
        Entry entry = _heap[place];
        for (int parent; place > 0 && entry.CompareTo(_heap[parent = (place - 1) / 2]) < 0; place = parent) _heap[place] = _heap[parent];
        _heap[place] = entry;
    }

    private void SiftDown(int place)
    {
        Entry entry = _heap[place];
        for (int child; (child = 2 * place + 1) < _count; place = child)
        {
            if (child + 1 < _count && _heap[child + 1].CompareTo(_heap[child]) < 0) child++;
            if (entry.CompareTo(_heap[child]) <= 0) break;
            _heap[place] = _heap[child];
        }
        if (place < _heap.Length) _heap[place] = entry;
    }

    /// <summary>Ordered by time, then by id.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = sizeof(uint))]
    private readonly record struct Entry(long At, uint Id) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => At != other.At ? At.CompareTo(other.At) : Id.CompareTo(other.Id);
    }
}
