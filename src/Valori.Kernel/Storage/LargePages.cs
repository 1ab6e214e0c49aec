using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>A hint to Linux that memory may be backed with large pages (2 MiB); it changes no result, and may be ignored.</summary>
internal static unsafe partial class LargePages
{
    private const int AdviseLargePages = 14; // MADV_HUGEPAGE
    private const nuint PageBytes = 4096;

    /// <summary>To be called before the memory is touched: pages that are there already stay as they are.</summary>
    public static void Advise(byte[] pinned)
    {
        if (!OperatingSystem.IsLinux()) return;
        nuint start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        nuint first = (start + PageBytes - 1) & ~(PageBytes - 1), end = (start + (nuint)pinned.Length) & ~(PageBytes - 1);
        if (end <= first) return;
        // A kernel without large pages says no: then they are small.
        _ = MemoryAdvice((void*)first, end - first, AdviseLargePages);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvice(void* start, nuint bytes, int advice);
}
