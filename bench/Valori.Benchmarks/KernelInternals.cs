using Valori.Kernel;
using Valori.Kernel.Hashing;
using Valori.Kernel.Search;

namespace Valori.Benchmarks;

/// <summary>Every call into the kernel's internals, in one place: what is measured here is no API and may change.</summary>
internal static class KernelInternals
{
    public static int LeafBytes(int dimension) => Leaves.RecordBytes(dimension, 0);

    /// <summary>The leaf digest of one record without metadata.</summary>
    public static Digest Leaf(ulong id, ReadOnlySpan<int> raw, Span<byte> workspace) => Leaves.Record(new RecordId(id), 0, raw, null, workspace);

    public static long NarrowDot(ReadOnlySpan<short> a, ReadOnlySpan<short> b) => DotProduct.Narrow(a, b);

    public static long WideDot(ReadOnlySpan<int> a, ReadOnlySpan<int> b) => DotProduct.Wide(a, b);

    public static long MixedDot(ReadOnlySpan<short> a, ReadOnlySpan<int> b) => DotProduct.Mixed(a, b);
}
