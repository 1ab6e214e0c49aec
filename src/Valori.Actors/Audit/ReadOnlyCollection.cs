using Valori.Actors.Entries;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Actors.Audit;

/// <summary>
/// A collection of a directory on SQLite that cannot be written: replayed and proven from its journal into memory, without an engine,
/// a lock or a write. For one thread at a time.
/// </summary>
internal sealed class ReadOnlyCollection : IDisposable
{
    private readonly SqliteJournalFile _journal;
    private readonly EngineState _state;
    private readonly View _view;

    private IEnumerator<TimelineEntry>? _entries;
    private long _nextEntry;

    private ReadOnlyCollection(SqliteJournalFile journal, string name, EngineState state)
    {
        _journal = journal;
        _state = state;
        _view = state.Kernel.TakeView();
        Status = new EngineStatus(
            name, _view.Dimension, state.SequenceNr, state.UnixMicroseconds, _view.StateHash, state.History.Chain, state.History.RootAt(state.SequenceNr),
            _view.RecordCount, _view.NodeCount, _view.EdgeCount, _view.RecordSlots, _view.NodeSlots, _view.EdgeSlots);
    }

    public EngineStatus Status { get; }

    /// <param name="directory">Of the data.</param>
    /// <param name="name">The collection's.</param>
    /// <exception cref="DataDirectoryException">There is no such journal or collection, or it cannot be read.</exception>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    public static ReadOnlyCollection Open(string directory, string name, CancellationToken cancellationToken = default)
    {
        SqliteJournalFile journal = SqliteJournalFile.Open(directory);
        try
        {
            string persistenceId = ValoriSettings.PersistenceIdOf(name);
            if (!journal.PersistenceIds().Contains(persistenceId)) throw new DataDirectoryException($"{directory} has no collection '{name}'");
            SnapshotSource[] snapshots =
            [
                .. SnapshotFiles.Find(DiskFileSystem.Instance, SnapshotFiles.DirectoryIn(directory), persistenceId).Reverse()
                    .Select(found => SnapshotSource.File(found.Path, found.SequenceNr)),
            ];
            JournalAudit audit = new(journal.Path, persistenceId, snapshots, expected: null, new JournalEnds(DiskFileSystem.Instance, directory).ReadWhole(persistenceId));
            AuditedCollection audited = audit.Run(name, journal.Rows(persistenceId), cancellationToken: cancellationToken);
            // As a start does.
            if (audited.BadPlaces.FirstOrDefault(bad => audited.Counts is null || !bad.IsLeftOut) is { } bad)
                throw new CorruptionException(bad.File, bad.SequenceNr, bad.Expected, bad.Found);
            return new ReadOnlyCollection(journal, name, audit.State);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="ValoriEngine.QueryOf(ReadOnlyMemory{float}, int)"/>.</summary>
    /// <exception cref="RefusedException">As there.</exception>
    public SearchQuery QueryOf(ReadOnlyMemory<float> vector, int k) => new(Accept(VectorBlock.FromVector(_view.Dimension, vector.Span)), k);

    /// <summary>As <see cref="ValoriEngine.SearchAsync(SearchQuery, AsOf?, CancellationToken)"/>.</summary>
    /// <exception cref="RefusedException">As there.</exception>
    public IReadOnlyList<SearchHit> Search(SearchQuery query) => Accept(_view.Search(query));

    /// <summary>A page of the timeline. Pages that follow each other read the journal once.</summary>
    /// <exception cref="RefusedException">The events before were dropped.</exception>
    public Timeline ReadTimeline(long from, int count)
    {
        if (_entries is null || from != _nextEntry)
        {
            _entries?.Dispose();
            _entries = EntriesFrom(from).GetEnumerator();
        }
        List<TimelineEntry> page = [];
        while (page.Count < count && _entries.MoveNext()) page.Add(_entries.Current);
        _nextEntry = from + page.Count;
        if (page is [{ SequenceNr: var first }, ..] && first > from)
            throw new RefusedException(new Refusal(RefusalKind.OutOfReach, FormattableString.Invariant($"the events before {first} were dropped from the journal (valori.journal-retention)")));
        return new Timeline(page, _state.SequenceNr);
    }

    public void Dispose()
    {
        _entries?.Dispose();
        _journal.Dispose();
    }

    // All of them were proven when this was opened, and nobody can write here.
    private IEnumerable<TimelineEntry> EntriesFrom(long from) => _journal.Rows(ValoriSettings.PersistenceIdOf(Status.Name))
        .Where(row => !row.IsDeleted && row.SequenceNr >= from)
        .Select(row => TimelineEntries.Of(row.SequenceNr, JournalCodec.Decode(new JournalRecord(row.Payload))));

    private static T Accept<T>(Outcome<T> outcome) where T : class =>
        outcome.TryGet(out T? value, out Refusal? refusal) ? value : throw new RefusedException(refusal);
}
