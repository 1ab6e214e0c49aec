using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>Which check of its requests an entry has. Each was written by some version, and is read by all later ones.</summary>
internal enum CheckForm
{
    /// <summary>None: from before there was one, or there is nothing to check.</summary>
    None,

    /// <summary>Of the names, and of the events that have had a check as long as they exist (<c>Event.HasCheck</c>).</summary>
    Older,

    /// <summary>As it is written now (<c>Event.HasCheckNow</c>).</summary>
    Newest,
}

/// <summary>
/// A checksum of the requests that an entry names, or keeps and forgets, of authors, and of events of which the state may show only a part. Neither the state
/// hash nor the chain covers them; but a request that was read wrongly would answer a command that was never carried out, or carry one out twice.
/// </summary>
internal static class RequestsCheck
{
    /// <summary>The first 8 bytes of a BLAKE3 hash, little-endian; 0 if the event says nothing of requests.</summary>
    public static ulong Of(JournalEvent happened, CheckForm form)
    {
        // Some events, and authors, are younger than the check: no version wrote an entry with one and without the check.
        if (form == CheckForm.None && !Any(happened, change => change.Happened.HasCheck || change.Author is not null)) return 0;
        ReadOnlySpan<byte> requests = happened switch
        {
            RequestsKept kept => WireWriter.ToBytes(kept),
            Restored { KeepsRequestsTo: not 0 } restored => WireWriter.ToBytes(restored),
            KernelChanged(var changes) when Any(happened, change => change.Request is not null || change.Author is not null || IsCovered(change, form)) => Words(changes, form),
            _ => default,
        };
        if (requests.IsEmpty) return 0;
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        Digest.Of(requests).CopyTo(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>The form of a check that was read. A wrong one has none: the entry is then not what its bytes say.</summary>
    public static CheckForm FormOf(JournalEvent happened, ulong check) =>
        check == 0 ? CheckForm.None
        : Any(happened, change => IsCovered(change, CheckForm.Newest) != IsCovered(change, CheckForm.Older)) && !Any(happened, change => change.Author is not null)
            && check == Of(happened, CheckForm.Older) ? CheckForm.Older
        : CheckForm.Newest;

    private static bool IsCovered(Change change, CheckForm form) => form == CheckForm.Newest ? change.Happened.HasCheckNow(change.Request is not null) : change.Happened.HasCheck;

    private static bool Any(JournalEvent happened, Func<Change, bool> isSo)
    {
        if (happened is not KernelChanged(var changes)) return false;
        for (int i = 0; i < changes.Count; i++)
        {
            if (isSo(changes[i])) return true;
        }
        return false;
    }

    /// <summary>
    /// For each change, in order, the length of its request id in a byte, and the id; and if the event is covered, its
    /// number in a byte, its length in four, and the event. If any of them has an author, then follow for each change the length of its author in a
    /// byte, and the author.
    /// </summary>
    private static ReadOnlySpan<byte> Words(IReadOnlyList<Change> changes, CheckForm form)
    {
        ArrayBufferWriter<byte> words = new();
        foreach (Change change in changes)
        {
            string name = change.Request?.Value ?? "";
            words.Write([checked((byte)name.Length)]);
            Encoding.ASCII.GetBytes(name, words);
            if (!IsCovered(change, form)) continue;
            byte[] happened = WireWriter.ToBytes(change.Happened);
            words.Write([checked((byte)change.Happened.CommandKind.EventNumber)]);
            BinaryPrimitives.WriteInt32LittleEndian(words.GetSpan(sizeof(int)), happened.Length);
            words.Advance(sizeof(int));
            words.Write(happened);
        }
        if (!changes.Any(change => change.Author is not null)) return words.WrittenSpan;
        foreach (Change change in changes)
        {
            string author = change.Author?.Value ?? "";
            words.Write([checked((byte)author.Length)]);
            Encoding.ASCII.GetBytes(author, words);
        }
        return words.WrittenSpan;
    }
}
