using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>The history chain: equal chain values mean equal histories. Frozen. Section 7 of docs/formats.md in Valori's repository has the bytes.</summary>
internal static class HistoryChain
{
    private static readonly HashContext Context = new("Valori 2026-11-22 v1 history chain");

    /// <summary>The chain value before the first event.</summary>
    public static Digest Start => Digest.Zero;

    /// <summary><c>H(chain || u64 sequence number || i64 unix microseconds || state hash)</c>.</summary>
    public static Digest Extend(in Digest chain, long sequenceNr, long unixMicroseconds, in Digest stateHash)
    {
        Span<byte> bytes = stackalloc byte[80];
        chain.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], sequenceNr);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], unixMicroseconds);
        stateHash.CopyTo(bytes[48..]);
        return Context.Hash(bytes);
    }
}
