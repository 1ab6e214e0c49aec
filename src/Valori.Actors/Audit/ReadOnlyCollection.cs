using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Audit;

/// <summary>
/// A collection that is replayed and proven from its journal into memory, without an engine, a lock or a write: of a directory that
/// cannot be written, or of a database beside its service. For one thread at a time.
/// </summary>
internal sealed class ReadOnlyCollection : IDisposable
{
    private readonly DirectoryAudit _audit;
    private readonly EngineState _state;

    private IEnumerator<TimelineEntry>? _entries;
    private long _nextEntry;

    private ReadOnlyCollection(DirectoryAudit audit, string name, EngineState state, IReadOnlyList<BadPlace> leftOut)
    {
        _audit = audit;
        _state = state;
        LeftOut = leftOut;
        View = state.Kernel.TakeView();
        Status = new EngineStatus(
            name, View.Schema, state.SequenceNr, state.UnixMicroseconds, View.StateHash, state.History.Chain, state.History.RootAt(state.SequenceNr),
            View.RecordCount, View.NodeCount, View.EdgeCount, View.RecordSlots, View.NodeSlots, View.EdgeSlots);
    }

    public EngineStatus Status { get; }

    /// <summary>What the last event led to.</summary>
    public View View { get; }

    /// <summary>Snapshots and end marks that are not what was written. A start leaves them out, and so did this.</summary>
    public IReadOnlyList<BadPlace> LeftOut { get; }

    /// <param name="audit">Of the journal; disposed with the collection.</param>
    /// <param name="name">One of its collections.</param>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    public static ReadOnlyCollection Open(DirectoryAudit audit, string name, Action<AuditProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        (AuditedCollection result, EngineState state) = audit.Load(name, progress, cancellationToken);
        // Since the collections were listed.
        if (result is { IsGood: true, Counts: null }) throw new RefusedException(EngineDropped.RefusalOf(name));
        // As a start does.
        return result.BadPlaces.FirstOrDefault(bad => result.Counts is null || !bad.IsLeftOut) is { } bad
            ? throw new CorruptionException(bad.File, bad.SequenceNr, bad.Expected, bad.Found)
            : new ReadOnlyCollection(audit, name, state, result.BadPlaces);
    }

    /// <summary>As <see cref="ValoriEngine.QueryOf(ReadOnlyMemory{float}, int, double?, double?)"/>.</summary>
    /// <exception cref="RefusedException">As there.</exception>
    public SearchQuery QueryOf(ReadOnlyMemory<float> vector, int k) => new(Accept(VectorBlock.FromVector(View.Schema, vector.Span)), k);

    /// <summary>As <see cref="ValoriEngine.SearchAsync(SearchQuery, AsOf?, CancellationToken)"/>.</summary>
    /// <exception cref="RefusedException">As there.</exception>
    public IReadOnlyList<SearchHit> Search(SearchQuery query) => Accept(View.Search(query));

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
        _audit.Dispose();
    }

    // All of them were proven when this was opened, and it reads one state of the journal.
    private IEnumerable<TimelineEntry> EntriesFrom(long from) => _audit.Rows(Status.Name)
        .Where(row => !row.IsDeleted && row.SequenceNr >= from && row.SequenceNr <= Status.SequenceNr)
        .Select(row => TimelineEntries.Of(row.SequenceNr, JournalCodec.Decode(new JournalRecord(row.Payload))));

    private static T Accept<T>(Outcome<T> outcome) where T : class =>
        outcome.TryGet(out T? value, out Refusal? refusal) ? value : throw new RefusedException(refusal);
}
