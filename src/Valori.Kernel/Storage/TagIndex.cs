using System.Collections.Concurrent;

namespace Valori.Kernel.Storage;

/// <summary>
/// For each tag the rows that were inserted with it, in id order. One writer appends; readers cut a list off where their
/// View ends, and look at tombstones themselves.
/// </summary>
internal sealed class TagIndex
{
    // A list, its first array, and an entry of the dictionary.
    private const int BytesOfATag = 150;

    private readonly ConcurrentDictionary<ulong, PostingList> _lists = new();
    private ulong _lastTag;
    private PostingList? _lastList;

    /// <summary>About what the lists take. The writer's own.</summary>
    public long ApproximateBytes { get; private set; }

    /// <summary>Adds the rows <c>firstRow, firstRow + 1, ...</c>, one for each tag. Writer thread only.</summary>
    public void Append(ulong firstRow, ReadOnlySpan<ulong> tags)
    {
        for (int i = 0; i < tags.Length; i++)
        {
            // Neighbours mostly share a tag: a look at the last one saves the look-up.
            if (_lastList is null || tags[i] != _lastTag)
            {
                _lastTag = tags[i];
                if (!_lists.TryGetValue(tags[i], out _lastList))
                {
                    _lists[tags[i]] = _lastList = new PostingList();
                    ApproximateBytes += BytesOfATag;
                }
            }
            _lastList.Append(checked((uint)(firstRow + (ulong)i)));
            ApproximateBytes += sizeof(uint);
        }
    }

    /// <summary>The rows below <paramref name="recordSlots"/> that were inserted with the tag.</summary>
    public ReadOnlyMemory<uint> Rows(ulong tag, ulong recordSlots) =>
        _lists.TryGetValue(tag, out PostingList? list) ? list.Below(recordSlots) : default;

    /// <summary>Rows in ascending order. The array is replaced by a longer one when full; older ones stay right.</summary>
    private sealed class PostingList
    {
        private uint[] _rows = new uint[1];
        private int _count;

        public void Append(uint row)
        {
            if (_count == _rows.Length)
            {
                uint[] longer = new uint[checked(_rows.Length * 2)];
                _rows.CopyTo(longer, 0);
                Volatile.Write(ref _rows, longer);
            }
            _rows[_count] = row;
            Volatile.Write(ref _count, _count + 1);
        }

        public ReadOnlyMemory<uint> Below(ulong recordSlots)
        {
            // The count first: the array read after it holds at least so many rows.
            int count = Volatile.Read(ref _count);
            uint[] rows = Volatile.Read(ref _rows);
            if (count == 0 || rows[count - 1] < recordSlots) return rows.AsMemory(0, count);
            int place = rows.AsSpan(0, count).BinarySearch((uint)recordSlots);
            return rows.AsMemory(0, place >= 0 ? place : ~place);
        }
    }
}
