namespace Valori.Actors.Rows;

/// <summary>
/// A row of the journal table as it stands there (section 11 of docs/formats.md in Valori's repository): nothing of it is believed.
/// </summary>
internal sealed record JournalRow(long SequenceNr, byte[] Payload, bool IsDeleted, string Manifest, long Identifier);
