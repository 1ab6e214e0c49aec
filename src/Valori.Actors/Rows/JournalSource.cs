namespace Valori.Actors.Rows;

/// <summary>A journal that is read without Akka and without a lock, beside its writer. Writes nothing. For one thread at a time.</summary>
internal abstract class JournalSource : IDisposable
{
    /// <summary>The journal's name in errors: a path, or a table.</summary>
    public abstract string Path { get; }

    /// <summary>All persistence ids of the journal, also those that are not Valori's.</summary>
    public abstract IReadOnlyList<string> PersistenceIds();

    /// <summary>The highest sequence number, to tell how far reading is; 0 if there is none.</summary>
    public abstract long LastSequenceNr(string persistenceId);

    /// <summary>All rows of one persistence id by sequence number, those marked deleted included. Nothing of them is believed.</summary>
    public abstract IEnumerable<JournalRow> Rows(string persistenceId);

    /// <summary>The rows of drops, which <see cref="DropIntent.TryRead"/> reads: a damaged one of them must not keep the others from being read.</summary>
    public abstract IReadOnlyList<JournalRow> Intents();

    /// <summary>Whatever is read from here on is of the present state, if this reads one state of the journal for long.</summary>
    public virtual void Renew()
    {
    }

    /// <summary>The snapshots of a persistence id that are kept beside the journal in its database, oldest first.</summary>
    public virtual IReadOnlyList<SnapshotSource> Snapshots(string persistenceId) => [];

    /// <summary>The snapshots there of engines with other persistence ids.</summary>
    public virtual IReadOnlyList<SnapshotSource> SnapshotsWithout(IReadOnlyList<string> persistenceIds) => [];

    public abstract void Dispose();
}
