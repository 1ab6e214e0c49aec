using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Valori.Kernel.Blake3;
using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>
/// A checksum of the requests that an entry names, or keeps and forgets, and of events of which the state may show only a part (<c>Event.HasCheck</c>). Neither the state hash
/// nor the chain covers them; but a request that was read wrongly would answer a command that was never carried out, or carry one out twice.
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
            KernelChanged(var changes) when HasWords(changes) => Words(changes),
            _ => default,
        };
        if (requests.IsEmpty) return 0;
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        Digest.Of(requests).CopyTo(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>Whether an entry without a check was not written by any version: some events are younger than the check.</summary>
    public static bool IsNeverMissing(JournalEvent happened)
    {
        if (happened is not KernelChanged(var changes)) return false;
        foreach (Change change in changes)
        {
            if (change.Happened.HasCheck) return true;
        }
        return false;
    }

    private static bool HasWords(IReadOnlyList<Change> changes)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            if (changes[i].Request is not null || changes[i].Happened.HasCheck) return true;
        }
        return false;
    }

    /// <summary>
    /// For each change, in order, the length of its request id in a byte, and the id; and if the event has a check, its
    /// number in a byte, its length in four, and the event.
    /// </summary>
    private static ReadOnlySpan<byte> Words(IReadOnlyList<Change> changes)
    {
        ArrayBufferWriter<byte> words = new();
        foreach (Change change in changes)
        {
            string name = change.Request?.Value ?? "";
            words.Write([checked((byte)name.Length)]);
            Encoding.ASCII.GetBytes(name, words);
            if (!change.Happened.HasCheck) continue;
            byte[] happened = WireWriter.ToBytes(change.Happened);
            words.Write([checked((byte)change.Happened.CommandKind.EventNumber)]);
            BinaryPrimitives.WriteInt32LittleEndian(words.GetSpan(sizeof(int)), happened.Length);
            words.Advance(sizeof(int));
            words.Write(happened);
        }
        return words.WrittenSpan;
    }
}
