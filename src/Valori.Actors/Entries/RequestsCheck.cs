using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Valori.Kernel.Blake3;
using Proto = Valori.Actors.Entries.JournalProto;

namespace Valori.Actors.Entries;

/// <summary>
/// A checksum of the requests that an entry names, or keeps and forgets. They change nothing in the state, so neither the state hash nor the chain
/// covers them; but one that was read wrongly would answer a command that was never carried out, or carry one out twice.
/// </summary>
internal static class RequestsCheck
{
    /// <summary>The first 8 bytes of a BLAKE3 hash, little-endian; 0 where the entry says nothing of requests.</summary>
    public static ulong Of(Proto.Entry entry)
    {
        ReadOnlySpan<byte> requests = entry.EventCase switch
        {
            Proto.Entry.EventOneofCase.RequestsKept => entry.RequestsKept.ToByteArray(),
            Proto.Entry.EventOneofCase.Restored when entry.Restored.KeepsRequestsTo != 0 => entry.Restored.ToByteArray(),
            Proto.Entry.EventOneofCase.Changes when entry.Changes.Changes_.Any(change => change.RequestId.Length > 0) => Names(entry.Changes.Changes_),
            _ when entry.RequestId.Length > 0 => Names([entry]),
            _ => default,
        };
        if (requests.IsEmpty) return 0;
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        Digest.Of(requests).CopyTo(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>For each change, in order, the length of its request id in a byte, and the id.</summary>
    private static ReadOnlySpan<byte> Names(IEnumerable<Proto.Entry> changes)
    {
        ArrayBufferWriter<byte> names = new();
        foreach (Proto.Entry change in changes)
        {
            names.Write([checked((byte)change.RequestId.Length)]);
            Encoding.ASCII.GetBytes(change.RequestId, names);
        }
        return names.WrittenSpan;
    }
}
