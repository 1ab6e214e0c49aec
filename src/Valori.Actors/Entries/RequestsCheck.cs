using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Valori.Kernel.Blake3;
using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>
/// A checksum of the requests that an entry names, or keeps and forgets. They change nothing in the state, so neither the state hash nor the chain
/// covers them; but one that was read wrongly would answer a command that was never carried out, or carry one out twice.
/// </summary>
internal static class RequestsCheck
{
    /// <summary>The first 8 bytes of a BLAKE3 hash, little-endian; 0 if the event says nothing of requests.</summary>
    public static ulong Of(JournalEvent happened)
    {
        ReadOnlySpan<byte> requests = happened switch
        {
            RequestsKept kept => WireWriter.ToBytes(kept),
            Restored { KeepsRequestsTo: not 0 } restored => WireWriter.ToBytes(restored),
            KernelChanged(var changes) when HasNames(changes) => Names(changes),
            _ => default,
        };
        if (requests.IsEmpty) return 0;
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        Digest.Of(requests).CopyTo(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static bool HasNames(IReadOnlyList<Change> changes)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            if (changes[i].Request is not null) return true;
        }
        return false;
    }

    /// <summary>For each change, in order, the length of its request id in a byte, and the id.</summary>
    private static ReadOnlySpan<byte> Names(IReadOnlyList<Change> changes)
    {
        ArrayBufferWriter<byte> names = new();
        foreach (Change change in changes)
        {
            string name = change.Request?.Value ?? "";
            names.Write([checked((byte)name.Length)]);
            Encoding.ASCII.GetBytes(name, names);
        }
        return names.WrittenSpan;
    }
}
