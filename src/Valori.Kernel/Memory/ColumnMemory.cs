using System.Runtime.CompilerServices;

namespace Valori.Kernel.Memory;

/// <summary>
/// The memory of an engine's large columns: slabs of several segments, which the system is asked to back with large pages.
/// A search touches all of it, and with pages of 4 KiB it waits for the page tables: with large ones scans of 10^6 rows take
/// a fifth less time, single rows here and there half, and inserts a fifth less (AMD Zen 1 under a hypervisor).
/// </summary>
/// <remarks>
/// Thread-safe. A slab lives as long as any column in it. What a column leaves behind when it is replaced by a
/// wider one is not used again: it happens once to a segment at most.
/// </remarks>
internal sealed class ColumnMemory
{
    private readonly Lock _lock = new();
    private byte[] _slab = [];
    private int _used;
    private long _slabBytes;
    private long _allocatedBytes;

    // Of another memory, each counted once.
    private readonly HashSet<byte[]> _shared = [];
    private long _sharedBytes;

    /// <summary>All slabs, and what was noted.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Of those, what belongs to another memory.</summary>
    public long SharedBytes => Interlocked.Read(ref _sharedBytes);

    /// <summary>Counts a slab of another memory, whole: any column in it holds all of it.</summary>
    public void Share(byte[] slab)
    {
        lock (_lock)
        {
            if (!_shared.Add(slab)) return;
            Interlocked.Add(ref _sharedBytes, slab.Length);
            Note(slab.Length);
        }
    }

    /// <summary>Arrays beside the slabs: they count, and that is all.</summary>
    public void Note(long bytes) => Interlocked.Add(ref _allocatedBytes, bytes);

    /// <summary>Elements that hold anything until they are written.</summary>
    public AlignedArray<T> Allocate<T>(int length) where T : unmanaged
    {
        long needed = (long)length * Unsafe.SizeOf<T>() + CacheLine.Bytes;
        lock (_lock)
        {
            if (needed > _slab.Length - _used) _slab = NewSlab(checked((int)needed));
            AlignedArray<T> array = new(_slab, _used, length);
            _used = array.End;
            return array;
        }
    }

    private byte[] NewSlab(int neededBytes)
    {
        // As much again as there is: a small engine stays small.
        int bytes = Math.Max(neededBytes, (int)Math.Min(_slabBytes, Slabs.Bytes));
        byte[] slab = bytes == Slabs.Bytes ? Slabs.Shared.Rent() : GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        // A fault on a large page takes some tenths of a millisecond, and several if the system has to make room for one:
        // in the background they cost no insert. Measured with batches of 1,000 x 384: 4 ms a batch became 1.
        if (bytes == Slabs.Bytes) _ = Task.Run(() => LargePages.Populate(slab));
        _slabBytes += bytes;
        Note(bytes);
        _used = 0;
        return slab;
    }
}
