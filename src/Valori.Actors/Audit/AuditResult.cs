namespace Valori.Actors.Audit;

/// <summary>Something that is not what was written.</summary>
/// <param name="File">The journal's or the snapshot's path.</param>
/// <param name="SequenceNr">The event, or the one that the snapshot is named for.</param>
internal sealed record BadPlace(string File, long SequenceNr, string Expected, string Found)
{
    /// <summary>
    /// Whether a start does without it: a snapshot, or an end mark, that is damaged. One that is whole, and contradicts the journal, is
    /// refused.
    /// </summary>
    public bool IsLeftOut { get; init; }

    public override string ToString() => FormattableString.Invariant($"{File} at {SequenceNr}: expected {Expected}, found {Found}");
}

/// <summary>What the audit of one collection came to.</summary>
/// <param name="Place">The last event that was proven; null if none was.</param>
/// <param name="Events">How many were replayed.</param>
/// <param name="Counts">What the last event's state holds; null if there is a bad place in the journal.</param>
/// <param name="Snapshots">Files that were read whole and agree with the journal.</param>
/// <param name="BadPlaces">In the order in which they were found; the journal is read up to its first one. Empty: all is proven.</param>
/// <param name="Notes">What could not be looked at, and why.</param>
internal sealed record AuditedCollection(
    string Name, HistoryPlace? Place, long Events, AuditedCounts? Counts, int Snapshots, IReadOnlyList<BadPlace> BadPlaces, IReadOnlyList<string> Notes)
{
    public bool IsGood => BadPlaces.Count == 0;
}

/// <summary>How much a state holds: live ones, and ids given out.</summary>
internal sealed record AuditedCounts(
    EngineSchema Schema, ulong Records, ulong RecordSlots, ulong Nodes, ulong NodeSlots, ulong Edges, ulong EdgeSlots);

/// <summary>How far an audit is.</summary>
/// <param name="Records">Inserted by the events replayed so far.</param>
internal readonly record struct AuditProgress(long SequenceNr, long Records);
