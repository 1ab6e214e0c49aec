using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;
using Valori.Kernel.Vectors;

namespace Valori.Benchmarks;

/// <summary>Every call into the kernel's internals, in one place: what is measured here is no API and may change.</summary>
internal static class KernelInternals
{
    /// <summary>BLAKE3 in no context, by the code that hashes streams: what b3sum prints.</summary>
    public static StreamHasher PlainHasher() => new(Compression.InitialValue, 0);

    public static int LeafBytes(int dimension) => Leaves.RecordBytes(dimension, 0);

    /// <summary>The leaf digest of one record without metadata.</summary>
    public static Digest Leaf(ulong id, ReadOnlySpan<int> raw, Span<byte> workspace)
    {
        Span<byte> leaf = workspace[..Leaves.RecordBytes(raw.Length, null)];
        Leaves.WriteRecord(leaf, new RecordId(id), 0, raw, null, default);
        return Leaves.RecordContext.Hash(leaf);
    }

    /// <summary>Hashes the leaves of a batch without metadata, over and over.</summary>
    public static Action LeafHasher(int dimension, ulong[] tags, VectorBlock vectors, Digest[] leaves)
    {
        RecordLeaves hasher = new(dimension);
        return () => hasher.Hash(new RecordId(0), tags, vectors, 0, leaves);
    }

    public static long NarrowDot(ReadOnlySpan<short> a, ReadOnlySpan<short> b) => DotProduct.Narrow(a, b);

    public static long WideDot(ReadOnlySpan<int> a, ReadOnlySpan<int> b) => DotProduct.Wide(a, b);

    public static long MixedDot(ReadOnlySpan<short> a, ReadOnlySpan<int> b) => DotProduct.Mixed(a, b);
}
