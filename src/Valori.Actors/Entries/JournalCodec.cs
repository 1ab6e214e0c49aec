using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>
/// Journal entries to bytes and back (section 10 of docs/formats.md in Valori's repository). What an event's fields are stands in its own
/// file; vectors and other bytes of a decoded entry are parts of its payload.
/// </summary>
internal static class JournalCodec
{
    public static JournalRecord Encode(JournalEntry entry) => new(WireWriter.ToBytes(new EntryFields(entry)));

    /// <summary>Decodes an entry and checks that its bytes are exactly those that this entry encodes to.</summary>
    /// <exception cref="FormatException">The bytes are not a journal entry, or not in its canonical form.</exception>
    public static JournalEntry Decode(JournalRecord record)
    {
        JournalEntry entry;
        try
        {
            entry = WireReader.ReadAll(record.Payload, EntryFields.Read);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
        // Also computes the check of the requests anew.
        return WireWriter.AreBytesOf(new EntryFields(entry), record.Payload)
            ? entry
            : throw new FormatException("the entry is not in its canonical form, or names other requests than were written");
    }
}
