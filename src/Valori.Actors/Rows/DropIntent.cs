using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;

namespace Valori.Actors.Rows;

/// <summary>
/// The row of the journal that says that a collection is being dropped (section 11 of docs/formats.md in Valori's repository). From the
/// moment that it is durable the collection does not exist; it is removed last, after everything else of the collection. A start that
/// finds it finishes the drop.
/// </summary>
/// <remarks>
/// The sequence number is a hash of what the message says: a damaged row must never drop another collection than the one that was meant.
/// </remarks>
internal static class DropIntent
{
    /// <summary>The persistence id of all of them. No engine has such a one.</summary>
    public const string PersistenceId = "valori.drops";

    public const string Manifest = "D";

    /// <summary>The persistence id of the collection, as the row's message.</summary>
    public static byte[] MessageOf(string persistenceId) => Encoding.UTF8.GetBytes(persistenceId);

    /// <summary>The first eight bytes of the BLAKE3 hash of the message, without the sign.</summary>
    public static long SequenceNrOf(string persistenceId) => SequenceNrOf(MessageOf(persistenceId));

    /// <summary>Reads a row; false if it is not what was written, and then it drops nothing.</summary>
    /// <param name="persistenceId">Of the collection that is being dropped.</param>
    public static bool TryRead(JournalRow row, [NotNullWhen(true)] out string? persistenceId)
    {
        persistenceId = null;
        if (row.IsDeleted || row.Manifest != Manifest || row.Identifier != ValoriSerializer.Number || row.SequenceNr != SequenceNrOf(row.Payload)) return false;
        string text = Encoding.UTF8.GetString(row.Payload);
        if (ValoriSettings.NameOf(text) is null) return false;
        persistenceId = text;
        return true;
    }

    /// <summary>The persistence ids of the collections that are being dropped; of rows that were changed, nothing.</summary>
    public static IReadOnlyList<string> Read(IEnumerable<JournalRow> rows)
    {
        List<string> dropped = [];
        foreach (JournalRow row in rows)
        {
            if (TryRead(row, out string? persistenceId)) dropped.Add(persistenceId);
        }
        return dropped;
    }

    /// <summary>
    /// What stands for a row with a column that holds something of another type: it drops nothing. SQLite keeps any type in any column,
    /// and one flipped bit of a row's header makes another one.
    /// </summary>
    public static JournalRow Damaged(long sequenceNr) => new(sequenceNr, [], IsDeleted: false, "", 0);

    private static long SequenceNrOf(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        Digest.Of(message).CopyTo(hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash) & long.MaxValue;
    }
}
