namespace Valori.Actors.Rows;

/// <summary>A row of the journal table as it stands there (docs/formats.md, section 11): nothing of it is believed.</summary>
internal sealed record JournalRow(long SequenceNr, byte[] Payload, bool IsDeleted, string Manifest, long Identifier);
