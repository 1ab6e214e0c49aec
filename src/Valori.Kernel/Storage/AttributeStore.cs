using Valori.Kernel.Memory;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>
/// The attributes of all records as packed bytes in slabs, one after another: no object a record. One writer adds; readers read what a
/// place that they got from a published row leads to.
/// </summary>
internal sealed class AttributeStore
{
    // A small engine stays small; in a large one a slab's unused end does not count. No attributes are longer than the last.
    private const int FirstSlabBytes = 1 << 10, LargestSlabBytes = 1 << 20;

    // A key and a few fields.
    private const int PrefetchedBytes = 128;

    // Replaced when full; older arrays stay right for the slabs that they hold.
    private volatile byte[][] _slabs = [];
    private int _count;
    private int _used;

    /// <summary>All slabs, and what was replaced. Writer thread only.</summary>
    public long Bytes { get; private set; }

    /// <summary>Of those, what no row leads to any more, except for the past. Writer thread only.</summary>
    public long LeftBytes { get; private set; }

    /// <summary>Places that rows had before <c>set_fields</c> replaced them.</summary>
    public ValueHistory Replaced { get; } = new();

    /// <summary>Takes attributes. Writer thread only.</summary>
    /// <param name="key">Empty without one.</param>
    /// <param name="fields">Canonical, or empty without any.</param>
    /// <returns>Their place; 0 if there are none.</returns>
    public ulong Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry)
    {
        int size = PackedAttributes.SizeOf(key, fields, expiry);
        if (size == 0) return 0;
        Span<byte> room = Reserve(size, out ulong place);
        PackedAttributes.Write(room, key, fields, expiry);
        return place;
    }

    /// <summary>The attributes at a place; none at 0.</summary>
    public PackedAttributes At(ulong place) =>
        place == 0 ? default : new PackedAttributes(_slabs[(place >> 32) - 1].AsSpan((int)(uint)place));

    /// <summary>Takes attributes that are packed. Writer thread only.</summary>
    /// <returns>Their place; 0 if there are none.</returns>
    public ulong Add(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty) return 0;
        packed.CopyTo(Reserve(packed.Length, out ulong place));
        return place;
    }

    /// <summary>Attributes of so many bytes are of no row any more, except for the past. Writer thread only.</summary>
    public void Leave(int bytes) => LeftBytes += bytes;

    /// <summary>What begins with the bytes that were added at a place; nothing at 0.</summary>
    public ReadOnlySpan<byte> BytesAt(ulong place) => place == 0 ? default : _slabs[(place >> 32) - 1].AsSpan((int)(uint)place);

    /// <summary>Asks memory for the first attributes at a place, which is not 0.</summary>
    public void Prefetch(ulong place) => Cache.Prefetch(ref _slabs[(place >> 32) - 1][(uint)place], PrefetchedBytes);

    private Span<byte> Reserve(int size, out ulong place)
    {
        if (_count == 0 || size > _slabs[_count - 1].Length - _used) AddSlab(size);
        place = (ulong)_count << 32 | (uint)_used;
        Span<byte> room = _slabs[_count - 1].AsSpan(_used, size);
        _used += size;
        return room;
    }

    private void AddSlab(int least)
    {
        int bytes = Math.Max(least, (int)Math.Clamp(Bytes, FirstSlabBytes, LargestSlabBytes));
        byte[][] slabs = _slabs;
        if (_count == slabs.Length) Array.Resize(ref slabs, Math.Max(4, slabs.Length * 2));
        slabs[_count++] = GC.AllocateUninitializedArray<byte>(bytes);
        Bytes += bytes;
        _used = 0;
        _slabs = slabs;
    }
}
