using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Entries;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.Text;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Engine;

/// <summary>
/// What a start compares after a recovery, before it serves anything: the snapshot that it began from with the journal's row
/// of that event, and the journal's end with what else knows of later events (the end mark, and snapshots). A replay alone
/// proves that events follow each other, and not that they are all there are.
/// </summary>
internal sealed partial class EngineActor
{
    // How late the end mark may be after the last write.
    private static readonly TimeSpan EndInterval = TimeSpan.FromSeconds(5);

    // Akka's own for a recovery, if the journal plugin says nothing else.
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    private SnapshotHeader? _loaded;
    private StartCheck? _startCheck;
    private long _markedEnd;
    private Task _marking = Task.CompletedTask;

    private void BeginStartCheck()
    {
        Queue<KnownEvent> events = [];
        if (_loaded is { } header) events.Enqueue(new KnownEvent(header.SequenceNr, header.Chain, header.StateHash, header.UnixMicroseconds, _settings.SnapshotPath(PersistenceId, header.SequenceNr)));
        _startCheck = new StartCheck(events);
        // As long as a recovery waits for the journal. What does not answer has failed.
        Timers.StartSingleTimer(nameof(StartCheckOverdue), new StartCheckOverdue(), Context.System.Settings.Config.GetTimeSpan(JournalPluginId + ".recovery-event-timeout", DefaultPatience));
        AskForNextEvent();
        // Of events that the journal does not have.
        SnapshotStore.Tell(new LoadSnapshot(PersistenceId, new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue, LastSequenceNr + 1), long.MaxValue), Self);
    }

    private void AskForNextEvent()
    {
        if (_startCheck!.Events.TryPeek(out KnownEvent? known)) Journal.Tell(new ReplayMessages(known.SequenceNr, known.SequenceNr, 1, PersistenceId, Self), Self);
    }

    /// <summary>Takes the answers to the questions of the check.</summary>
    private bool OnStartCheck(object message)
    {
        StartCheck check = _startCheck!;
        switch (message)
        {
            case ReplayedMessage { Persistent: var row }:
                CompareWithJournal(check.Events.Peek(), row.Payload);
                check.HasRow = true;
                break;
            case RecoverySuccess:
                KnownEvent known = check.Events.Dequeue();
                // If only its row was dropped, the event after it has proven the snapshot by its chain value.
                if (!check.HasRow && LastSequenceNr == known.SequenceNr) throw BeyondTheEnd(known.SequenceNr, "no row of that event: the journal ends before it");
                check.HasRow = false;
                AskForNextEvent();
                break;
            case ReplayMessagesFailure { Cause: CorruptionException cause }: throw cause;
            case ReplayMessagesFailure { Cause: var cause }: throw new IOException($"the journal cannot be read: {cause.Message}", cause);
            case StartCheckOverdue: throw new IOException("the journal and the snapshot store did not answer at the end of the recovery");
            case LoadSnapshotResult { Snapshot: { } newer }:
                throw BeyondTheEnd(newer.Metadata.SequenceNr, $"the end of the journal at {LastSequenceNr}");
            // A snapshot that cannot be read is left out, at a recovery too.
            case LoadSnapshotResult or LoadSnapshotFailed:
                check.IsEndProven = true;
                break;
            default: return false;
        }
        if (check.Events.Count > 0 || !check.IsEndProven) return true;
        // After the snapshot: without its event, the journal is not even there up to where the recovery began.
        if (!check.IsMarkRead)
        {
            check.IsMarkRead = true;
            if (CheckAgainstMark() is { } marked)
            {
                check.Events.Enqueue(marked);
                AskForNextEvent();
                return true;
            }
        }
        _startCheck = null;
        Timers.Cancel(nameof(StartCheckOverdue));
        OnProven();
        return true;
    }

    private void CompareWithJournal(KnownEvent known, object payload)
    {
        if (payload is not JournalRecord record || !EntryPlace.TryRead(record.Payload, out EntryPlace place))
            throw new CorruptionException($"journal of {PersistenceId}", known.SequenceNr, "a Valori journal record", payload.GetType().Name);
        Compare("history chain", $"{known.Chain}", $"{place.Chain}");
        Compare("state hash", $"{known.StateHash}", $"{place.StateHash}");
        Compare("time", Iso8601.Format(known.UnixMicroseconds), Iso8601.Format(place.UnixMicroseconds));

        void Compare(string what, string expected, string found)
        {
            if (expected == found) return;
            throw new CorruptionException($"journal of {PersistenceId}", known.SequenceNr, $"{what} {expected}, as in {known.Path}",
                $"{found}: the file belongs to another journal, or the journal was replaced. If the journal is the right one, move the file away");
        }
    }

    /// <summary>The journal must reach the end mark.</summary>
    /// <returns>The mark's event, to be compared with the journal's row; null if the replay has compared it, or there is none.</returns>
    private KnownEvent? CheckAgainstMark()
    {
        if (ReadMark() is not { } end) return null;
        _markedEnd = end.SequenceNr;
        string path = _ends!.PathOf(PersistenceId);
        if (LastSequenceNr < end.SequenceNr)
        {
            throw new CorruptionException($"journal of {PersistenceId}", LastSequenceNr + 1,
                $"events up to {end.SequenceNr}, which were durable at {Iso8601.Format(end.UnixMicroseconds)} ({path})",
                $"events up to {LastSequenceNr}: the last {end.SequenceNr - LastSequenceNr} are lost, or an older journal was put here. {HowToAccept(path)}");
        }
        if (!_state.History.KnowsChainOf(end.SequenceNr)) return new KnownEvent(end.SequenceNr, end.Chain, end.StateHash, end.UnixMicroseconds, path);
        return _state.History.ChainOf(end.SequenceNr) == end.Chain
            ? null
            : throw new CorruptionException($"journal of {PersistenceId}", end.SequenceNr, $"history chain {end.Chain} ({path})",
                $"{_state.History.ChainOf(end.SequenceNr)}: this is the journal of another engine, or of another history. {HowToAccept(path)}");
    }

    /// <summary>The end mark; null if there is none, or it is damaged: as with a snapshot, the journal does without, and a new one takes its place.</summary>
    private JournalEnd? ReadMark()
    {
        try
        {
            return _ends?.Read(PersistenceId);
        }
        catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}: the end mark is ignored: {1}", PersistenceId, e.Message);
            return null;
        }
    }

    private CorruptionException BeyondTheEnd(long sequenceNr, string found) =>
        new($"journal of {PersistenceId}", sequenceNr, $"the event that {_settings.SnapshotPath(PersistenceId, sequenceNr)} includes",
            $"{found}. Events are lost, or an older journal was put here, or the snapshot belongs to another journal. {HowToAccept("the snapshot")}");

    private static string HowToAccept(string what) => $"If that is on purpose, move {what} away and open the engine again";

    private void WriteEndSoon()
    {
        if (_ends is not null && !Timers.IsTimerActive(nameof(MarkEnd))) Timers.StartSingleTimer(nameof(MarkEnd), new MarkEnd(), EndInterval);
    }

    /// <summary>Brings the end mark up to what was acknowledged, off the engine's thread: a sync of the disk may take long.</summary>
    private void WriteEndMeanwhile()
    {
        if (EndToMark() is not { } end || !_marking.IsCompleted) return;
        _marking = FileSystemSetup.Of(Context.System).RunAsync(() => _ends!.Write(PersistenceId, end));
        _marking.PipeTo(Self, success: () => new EndMarked(end.SequenceNr, null), failure: e => new EndMarked(end.SequenceNr, e));
    }

    /// <summary>The same at once, when a snapshot stands for what is there, and at a stop.</summary>
    private void WriteEnd()
    {
        ((IAsyncResult)_marking).AsyncWaitHandle.WaitOne();
        if (EndToMark() is not { } end) return;
        try
        {
            _ends!.Write(PersistenceId, end);
            OnEndMarked(new EndMarked(end.SequenceNr, null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OnEndMarked(new EndMarked(end.SequenceNr, e));
        }
    }

    private JournalEnd? EndToMark() => _ends is not null && _published.Latest is { } view && view.SequenceNr > _markedEnd
        ? new JournalEnd(view.SequenceNr, view.UnixMicroseconds, view.View.StateHash, view.Chain)
        : null;

    private void OnEndMarked(EndMarked marked)
    {
        if (marked.Fault is null) _markedEnd = Math.Max(_markedEnd, marked.SequenceNr);
        else _log.Warning("{0}: the end mark {1} could not be written: {2}; this is retried after the next write", PersistenceId, _ends!.PathOf(PersistenceId), marked.Fault.Message);
    }

    /// <summary>An event that something beside the journal says the journal has.</summary>
    /// <param name="Path">Of what says so.</param>
    private sealed record KnownEvent(long SequenceNr, Digest Chain, Digest StateHash, long UnixMicroseconds, string Path);

    /// <summary>How far the check is.</summary>
    private sealed class StartCheck(Queue<KnownEvent> events)
    {
        /// <summary>Those that are not compared yet; the first one was asked for.</summary>
        public Queue<KnownEvent> Events { get; } = events;

        /// <summary>Whether the journal has a row of the first one.</summary>
        public bool HasRow { get; set; }

        public bool IsMarkRead { get; set; }

        /// <summary>Whether no snapshot is of a later event than the journal's last.</summary>
        public bool IsEndProven { get; set; }
    }
}
