using System.Globalization;
using Valori.Actors.Entries;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Audit;

/// <summary>
/// Proves one collection from its rows and snapshots, without an engine: replays every event, which computes each state hash
/// and chain value anew, and compares what else is there with what came out. Writes nothing. For one use and one thread.
/// </summary>
/// <remarks>
/// What it cannot see: a history whose last events were taken away whole, unless a snapshot, the end mark or
/// <paramref name="expected"/> tells of them; the name of a request, unless a list of remembered requests tells it too; and the
/// chunks of a restore that never ended, which nothing uses.
/// </remarks>
/// <param name="file">The journal's path, used in errors.</param>
/// <param name="snapshots">All of the collection, oldest first.</param>
/// <param name="expected">A place that the history must have, from a receipt.</param>
/// <param name="end">The journal's end mark, which was read before the rows; null if there is none.</param>
internal sealed class JournalAudit(string file, string persistenceId, IReadOnlyList<SnapshotSource> snapshots, HistoryPlace? expected, JournalEnd? end = null)
{
    private readonly EngineState _state = new(persistenceId, rememberedRequests: 0);
    private readonly RequestsAudit _requests = new(file);
    private readonly List<BadPlace> _badPlaces = [];
    private readonly List<string> _notes = [];
    private readonly List<long> _chunks = [];
    private SnapshotAudit? _snapshots;
    private UnreplayedEvents? _unreplayed;
    private SnapshotHeader? _start;
    private bool _hasBegun;
    private HistoryPlace? _proven;
    private Digest? _expectedStateHash;
    private long _events;
    private long _records;

    /// <summary>What <see cref="Run"/> came to.</summary>
    public EngineState State => _state;

    private SnapshotAudit Snapshots => _snapshots ??= new SnapshotAudit(snapshots, _badPlaces, _notes);

    /// <param name="name">The collection's, for the result.</param>
    /// <param name="rows">All rows of its persistence id, by sequence number; what is wrong with them may come as a <see cref="CorruptionException"/>.</param>
    /// <param name="progress">Called after every event.</param>
    public AuditedCollection Run(string name, IEnumerable<JournalRow> rows, Action<AuditProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        bool isWhole = false;
        try
        {
            foreach (JournalRow row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(row);
                progress?.Invoke(new AuditProgress(row.SequenceNr, _records));
            }
            End();
            isWhole = true;
        }
        catch (CorruptionException e)
        {
            _badPlaces.Add(new BadPlace(file, e.Position, e.Expected, e.Found));
        }
        Snapshots.Finish(_proven?.SequenceNr ?? 0, isWhole);
        CheckEnd(isWhole);
        CheckExpected(isWhole);
        return new AuditedCollection(name, ProvenWithRoot(), _events, isWhole ? Counts() : null, Snapshots.Verified, _badPlaces, _notes);
    }

    private void Take(JournalRow row)
    {
        CheckColumns(row);
        if (row.IsDeleted)
        {
            if (_hasBegun || _unreplayed is not null) throw Corrupt(row, "a row that is not marked deleted: only the row of the last dropped event is, before all others", "a row that is");
            _unreplayed = new UnreplayedEvents(file, row);
            return;
        }
        if (!_hasBegun) Begin(row.SequenceNr);
        if (row.SequenceNr <= _start?.SequenceNr) Link(row);
        else Replay(row);
    }

    private static CorruptionException? Wrong(string file, JournalRow row, string column, string expected, string found) =>
        expected == found ? null : new CorruptionException(file, row.SequenceNr, $"{expected} in the column {column}", found);

    private void CheckColumns(JournalRow row)
    {
        if ((Wrong(file, row, "manifest", ValoriSerializer.JournalRecordManifest, row.Manifest)
            ?? Wrong(file, row, "identifier", ValoriSerializer.Number.ToString(CultureInfo.InvariantCulture), row.Identifier.ToString(CultureInfo.InvariantCulture))) is { } wrong)
        {
            throw wrong;
        }
    }

    /// <summary>Before the first event that is there: with the first of all, or with the snapshot that covers the dropped ones.</summary>
    private void Begin(long first)
    {
        _hasBegun = true;
        if (_unreplayed is not { LastSequenceNr: var dropped })
        {
            if (first != 1) throw new CorruptionException(file, first, "sequence number 1, or before it the row of the last dropped event", $"{first}");
            return;
        }
        if (Snapshots.LoadOldest(dropped) is not { } snapshot)
        {
            throw new CorruptionException(file, dropped + 1,
                $"a snapshot of the state at {dropped} or later, because the events before were dropped", "none that can be read");
        }
        _state.Load(snapshot);
        _start = snapshot.Header;
        _requests.StartSequenceNr = _start.SequenceNr;
        _notes.Add($"the events up to {dropped} were dropped on purpose: the audit starts from the snapshot at {_start.SequenceNr}");
        if (_start.SequenceNr > dropped)
            _notes.Add($"only the chain is proven of the events {dropped + 1} to {_start.SequenceNr}: there is no snapshot to replay them on");
        else Reach(_unreplayed);
    }

    private void Link(JournalRow row)
    {
        _unreplayed!.Take(row);
        if (row.SequenceNr == _start!.SequenceNr) Reach(_unreplayed);
    }

    /// <summary>The snapshot's own event, which proves that the snapshot is of this history.</summary>
    private void Reach(UnreplayedEvents events)
    {
        events.MustLeadTo(_start!);
        MarkProven();
    }

    private void Replay(JournalRow row)
    {
        JournalEvent happened;
        try
        {
            happened = _state.Replay(row.SequenceNr, new JournalRecord(row.Payload));
        }
        catch (CorruptionException e)
        {
            // Of bytes of a restore the place is told that they have in the snapshot, of others the event.
            bool isRestore = _chunks.Count > 0 && e.Place != $"journal of {persistenceId}";
            throw Corrupt(row, isRestore ? $"a snapshot in the chunks of events {_chunks[0]} to {_chunks[^1]} with {e.Expected} at byte {e.Position}" : e.Expected, e.Found);
        }
        _requests.Take(happened, _state);
        _events++;
        switch (happened)
        {
            case KernelChanged(var changes):
                foreach (Change change in changes) _records += change.Happened.Created(ContentKind.Record).Count;
                break;
            case SnapshotChunk(var index, _):
                if (index == 0) _chunks.Clear();
                _chunks.Add(row.SequenceNr);
                break;
            case Restored:
                _chunks.Clear();
                break;
        }
        MarkProven();
        Snapshots.Compare(_state.History, _state.Kernel.StateHash, _state.Kernel.TakeView);
    }

    private void MarkProven()
    {
        // The root is computed only for the last one.
        _proven = new HistoryPlace(_state.SequenceNr, _state.UnixMicroseconds, _state.Kernel.StateHash, _state.History.Chain, Digest.Zero);
        if (_state.SequenceNr == expected?.SequenceNr) _expectedStateHash = _state.Kernel.StateHash;
    }

    private void End()
    {
        if (!_hasBegun && _unreplayed is { LastSequenceNr: var dropped }) Begin(dropped + 1);
        if (_proven is null && _start is { } start)
            throw new CorruptionException(file, _unreplayed!.LastSequenceNr + 1, $"the events up to {start.SequenceNr}, of which there is a snapshot", "the end of the journal");
        if (_chunks.Count > 0) _notes.Add($"the events {_chunks[0]} to {_chunks[^1]} belong to a restore that did not end: their bytes are not used and not proven");
    }

    private void CheckEnd(bool isWhole)
    {
        if (end is null || _proven is not { SequenceNr: var last }) return;
        if (isWhole && last < end.SequenceNr)
        {
            _badPlaces.Add(new BadPlace(file, last + 1, FormattableString.Invariant($"events up to {end.SequenceNr}, which the end mark says were durable at {Iso8601.Format(end.UnixMicroseconds)}"),
                FormattableString.Invariant($"events up to {last}: the others are lost, or this is an older journal")));
        }
        else if (_state.History.KnowsChainOf(end.SequenceNr) && _state.History.ChainOf(end.SequenceNr) != end.Chain)
        {
            _badPlaces.Add(new BadPlace(
                file, end.SequenceNr, $"history chain {end.Chain}, as in the end mark", $"{_state.History.ChainOf(end.SequenceNr)}: this is another engine's journal, or another history"));
        }
    }

    private void CheckExpected(bool isWhole)
    {
        if (expected is not { SequenceNr: var sequenceNr }) return;
        if (_expectedStateHash is not { } stateHash)
        {
            if (_start is { } start && sequenceNr < start.SequenceNr)
                Add($"event {sequenceNr} of the receipt", $"a journal that begins after the snapshot at {start.SequenceNr}: the receipt can no longer be compared");
            else if (sequenceNr < 1)
                Add("a receipt of an event from 1 on", $"a receipt of event {sequenceNr}");
            else if (isWhole)
                Add($"event {sequenceNr} of the receipt", $"a journal that ends at {_proven?.SequenceNr ?? 0}: it was truncated, or is not the receipt's");
            else
                _notes.Add($"event {sequenceNr} of the receipt was not reached");
            return;
        }
        History history = _state.History;
        Compare("state hash", expected.StateHash, stateHash);
        Compare("time", Iso8601.Format(expected.UnixMicroseconds), Iso8601.Format(history.TimeOf(sequenceNr)));
        Compare("history chain", expected.Chain, history.ChainOf(sequenceNr));
        Compare("history root", expected.HistoryRoot, history.RootAt(sequenceNr));

        void Compare(string what, object wanted, object found)
        {
            if (!wanted.Equals(found)) Add($"{what} {wanted}, as in the receipt", $"{found}");
        }

        void Add(string wanted, string found) => _badPlaces.Add(new BadPlace(file, sequenceNr, wanted, found));
    }

    private HistoryPlace? ProvenWithRoot() => _proven is { } place ? place with { HistoryRoot = _state.History.RootAt(place.SequenceNr) } : null;

    private AuditedCounts? Counts()
    {
        if (!_state.Exists) return null;
        View view = _state.Kernel.TakeView();
        return new AuditedCounts(view.Schema, view.RecordCount, view.RecordSlots, view.NodeCount, view.NodeSlots, view.EdgeCount, view.EdgeSlots);
    }

    private CorruptionException Corrupt(JournalRow row, string wanted, string found) => new(file, row.SequenceNr, wanted, found);
}
