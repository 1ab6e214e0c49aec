using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Memory;

/// <summary>Hints to Linux about memory that will be filled soon, or is not needed; they change no result, and may be ignored.</summary>
internal static unsafe partial class LargePages
{
    /// <summary>What a large page holds, and where it begins.</summary>
    public const int Bytes = 2 << 20;

    private const int AdviseLargePages = 14; // MADV_HUGEPAGE
    private const int DropPages = 4; // MADV_DONTNEED
    private const int PopulateWritable = 23; // MADV_POPULATE_WRITE
    private const nuint PageBytes = 4096;

    /// <summary>
    /// The memory may be backed with large pages (2 MiB). To be called before it is touched: pages that are there already stay
    /// as they are.
    /// </summary>
    public static void Advise(byte[] pinned) => Advise(pinned, AdviseLargePages);

    /// <summary>The same for memory outside the managed heap.</summary>
    public static void Advise(void* start, nuint bytes) => Advise(start, bytes, AdviseLargePages);

    /// <summary>Gets all pages now, even while the memory is written to.</summary>
    public static void Populate(byte[] pinned) => Advise(pinned, PopulateWritable);

    /// <summary>Returns the pages to the system: the memory holds zeros after that, apart from its ends. Nobody may read it.</summary>
    public static void Drop(byte[] pinned) => Advise(pinned, DropPages);

    private static void Advise(byte[] pinned, int advice) =>
        Advise(Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)), (nuint)pinned.Length, advice);

    private static void Advise(void* memory, nuint bytes, int advice)
    {
        if (!OperatingSystem.IsLinux()) return;
        nuint start = (nuint)memory;
        nuint first = (start + PageBytes - 1) & ~(PageBytes - 1), end = (start + bytes) & ~(PageBytes - 1);
        if (end <= first) return;
        // A kernel that does not know the advice says no: then pages are small, and come when they are touched.
        _ = MemoryAdvice((void*)first, end - first, advice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvice(void* start, nuint bytes, int advice);
}
