using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Entries;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Telemetry;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Engine;

/// <summary>
/// The one writer of an engine. A command is decided and applied to the private state at once. What was decided while a
/// write is on its way becomes one journal entry, so that many clients share its cost; when it is durable its View is
/// published, then its replies are sent, in order.
/// </summary>
/// <remarks>
/// <para>Invariants: nothing is answered or visible before it is durable; a refused command leaves no trace; a failed write
/// throws the whole private state away (the actor stops and recovers from the journal).</para>
/// <para>A group is one atomic write and only one is in flight, so the journal never holds an event whose predecessor was
/// not written: what is in the journal is always a prefix of what was decided.</para>
/// </remarks>
internal sealed partial class EngineActor : UntypedPersistentActor, IWithTimers
{
    private readonly string _name;
    private readonly EngineSchema? _createWith;
    private readonly PublishedView _published;
    private readonly ValoriSettings _settings;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly IActorRef _gateway;
    private readonly FollowMode _follow;
    private readonly JournalEnds? _ends;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // One entry holds what was decided during one write, up to so many bytes.
    private const int EntryBytes = 1 << 20;

    // What a change takes of an entry besides content and ids that it lists, at most: the name of its request, and numbers.
    private const int ChangeBytes = 128;

    // What a command counts that brings no content of its own.
    private const int MinimumContentBytes = sizeof(ulong);

    private EngineState _state;
    private WriteGroup _next = new();
    private WriteGroup? _inFlight;
    private long _openBytes;
    private bool _isStopping;

    public EngineActor(
        string name, EngineSchema? createWith, PublishedView published, FollowMode follow, ValoriSettings settings, MemoryBudget memory, TimeProvider time, IActorRef gateway)
    {
        _follow = follow;
        _name = name;
        _createWith = createWith;
        _published = published;
        _settings = settings;
        _memory = memory;
        _time = time;
        _gateway = gateway;
        PersistenceId = ValoriSettings.PersistenceIdOf(name);
        JournalPluginId = settings.JournalPluginId;
        SnapshotPluginId = settings.SnapshotPluginId;
        if (settings.DataDirectory is { } directory) _ends = new JournalEnds(FileSystemSetup.Of(Context.System), directory);
        _state = new EngineState(PersistenceId, settings.RememberedRequests);
    }

    public override string PersistenceId { get; }

    /// <summary>From the newest snapshot, or if past states must be in reach, from one that is older than those.</summary>
    public override Recovery Recovery => _settings.AsOfRetention == TimeSpan.Zero
        ? base.Recovery
        : new Recovery(new SnapshotSelectionCriteria(long.MaxValue, (_time.GetUtcNow() - _settings.AsOfRetention).UtcDateTime));

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnCommand(object message)
    {
        if (_startCheck is not null && OnStartCheck(message)) return;
        switch (message)
        {
            case Submit { Deadline: > 0 and var deadline, Ticket: var late } when Stopwatch.GetTimestamp() >= deadline: Drop(late); break;
            case Submit(var ticket, Command command): Execute(ticket, command, request: null); break;
            case Submit(var ticket, Request request): Execute(ticket, request.Command, request.Id); break;
            case Submit(var ticket, Authored authored): Execute(ticket, authored.Command, authored.Id, authored.Author); break;
            case Submit(var ticket, Protocol.SaveSnapshot): RequestSnapshot(ticket); break;
            case Submit(var ticket, AdoptSnapshot adopt): BeginRestore(ticket, adopt); break;
            case Submit(var ticket, FollowEvents events): Follow(ticket, events); break;
            case StopFollowing: OnFollowingEnded(); break;
            case SaveSnapshotSuccess success: OnSnapshotWritten(success.Metadata); break;
            case SaveSnapshotFailure failure: OnSnapshotFailed(failure.Metadata.SequenceNr, failure.Cause); break;
            case DeleteSnapshotsSuccess: OnCleaned("deleting older snapshots", fault: null); break;
            case DeleteSnapshotsFailure failure: OnCleaned("deleting older snapshots", Describe.Fault(failure.Cause)); break;
            case LoadSnapshotResult result: OnSnapshotReadBack(result.Snapshot, fault: null); break;
            case LoadSnapshotFailed failure: OnSnapshotReadBack(null, failure.Cause); break;
            case DeleteMessagesSuccess success: OnJournalDropped(success.ToSequenceNr); break;
            case DeleteMessagesFailure failure: OnCleaned("dropping events", Describe.Fault(failure.Cause)); break;
            case FreeMemory: FreeNext(); break;
            case Engine.ForgetOlder: ForgetOlderPast(); break;
            case SpaceGivenBack(var fault): OnCleaned("freeing space", fault); break;
            case MarkEnd: WriteEndMeanwhile(); break;
            case EndMarked marked: OnEndMarked(marked); break;
            case ExpireDue: ExpireSome(); break;
            case StopEngine: BeginStop(); break;
            case StopNow: StopAtDeadline(); break;
            default: Unhandled(message); break;
        }
    }

    /// <summary>Nothing of it is decided: nobody waits for it any more.</summary>
    private void Drop(long ticket)
    {
        ValoriMetrics.Overloaded.Add(1, ValoriMetrics.Tag(ValoriMetrics.Collection, _name), ValoriMetrics.Tag(ValoriMetrics.Reason, "deadline"));
        _gateway.Tell(new Answer(ticket, new EngineFailure(EngineFailureKind.Overloaded, "the time that the sender waits was over before the command was begun; nothing was done")));
    }

    private void Execute(long ticket, Command command, RequestId? request, Author? author = null)
    {
        if (request is not null && _state.Requests.TryAnswer(request, command, out object? answer))
        {
            _next.Replies.Add((ticket, answer));
        }
        else if (!_state.Kernel.Decide(command).TryGet(out Event? happened, out Refusal? refusal))
        {
            // A refusal may rest on what is not durable yet, so it waits for its turn too.
            _next.Replies.Add((ticket, refusal));
        }
        else if (happened.AddsContent && MemoryRefusal(Math.Max(command.ContentBytes, MinimumContentBytes) + happened.RewrittenBytes) is { } full)
        {
            _next.Replies.Add((ticket, full));
            // After a write it is tried anyway. What other engines took since the last one may have made it worth its work.
            if (_inFlight is null && !_state.HasOpenChanges) FreeIfDue();
        }
        else
        {
            _next.Replies.Add((ticket, _state.Change(new Change(happened, request, author))));
            _openBytes += command.ContentBytes + (long)happened.ListedIds * sizeof(ulong) + ChangeBytes;
            if (_openBytes >= EntryBytes) CloseChanges();
        }
        Flush();
    }

    /// <summary>Puts the entry of the changes so far into the next group.</summary>
    private void CloseChanges()
    {
        if (!_state.HasOpenChanges) return;
        Add(_state.CloseChanges(UnixMicroseconds()));
        _openBytes = 0;
    }

    /// <summary>Applies an event that is not the kernel's to the private state and puts its entry into the next group.</summary>
    private void Record(JournalEvent happened, ValoriKernel? restoredKernel = null)
    {
        CloseChanges();
        Add(_state.Record(happened, UnixMicroseconds(), restoredKernel));
    }

    private void Add(JournalEntry entry)
    {
        JournalRecord record = JournalCodec.Encode(entry);
        _next.Records.Add(record);
        _next.Bytes += record.Payload.Length;
        if (CountsForSnapshots(entry.Event)) _next.BytesForSnapshots += record.Payload.Length;
    }

    /// <summary>Sends the next group to the journal, unless one is on its way.</summary>
    private void Flush()
    {
        if (_inFlight is not null) return;
        CloseChanges();
        if (_next.Records.Count == 0)
        {
            _next.SendReplies(_gateway);
            return;
        }
        FinishFreeingIfReady();
        WriteGroup group = _inFlight = _next;
        group.View = _state.TakeView();
        if (ValoriMetrics.WriteDuration.Enabled) group.Began = Stopwatch.GetTimestamp();
        _next = new WriteGroup();
        int durable = 0;
        PersistAllAsync(group.Records, _ =>
        {
            if (++durable == group.Records.Count) OnDurable(group);
        });
    }

    private void OnDurable(WriteGroup group)
    {
        // The chain holds the sequence numbers, so a journal that counts differently must stop the engine.
        Invariant.Holds(LastSequenceNr == group.View!.SequenceNr);
        Invariant.Holds(_published.Latest is not { } before || group.View.SequenceNr > before.SequenceNr);
        Publish(group.View);
        Measure(group);
        WriteEndSoon();
        group.SendReplies(_gateway);
        _inFlight = null;
        _bytesSinceSnapshot += group.BytesForSnapshots;
        _published.Gauges.BytesSinceSnapshot = _bytesSinceSnapshot;
        if (group.SaveThen is { } view) HandToSnapshotStore(view);
        PumpRestore();
        Flush();
        SnapshotIfDue();
        AwaitNextExpiry();
        GoOnFreeing();
        StopWhenIdle();
    }

    private void Measure(WriteGroup group)
    {
        if (group.Began == 0 && !ValoriMetrics.WrittenBytes.Enabled && !ValoriMetrics.WrittenEvents.Enabled) return;
        KeyValuePair<string, object?> collection = ValoriMetrics.Tag(ValoriMetrics.Collection, _name);
        if (group.Began != 0) ValoriMetrics.WriteDuration.Record(Stopwatch.GetElapsedTime(group.Began).TotalSeconds, collection);
        ValoriMetrics.WrittenBytes.Add(group.Bytes, collection);
        ValoriMetrics.WrittenEvents.Add(group.Records.Count, collection);
    }

    private void Publish(DurableView view)
    {
        _published.Latest = WithoutForgotten(view);
        _memory.Set(_name, view.MemoryBytes);
        CountNeed();
        if (_freeingBytes > 0 && !_state.IsFreeing) ReserveForFreeing(0);
        CollectWhatWasFreed();
    }

    /// <summary>Why the engine cannot keep so much more, or null. What is decided and not published counts too.</summary>
    private Refusal? MemoryRefusal(long bytes) => _memory.RefusalOf(_state.MemoryBytes - _published.Latest!.MemoryBytes + bytes);

    /// <summary>The gateway takes no more commands: finish those that are here, save what is worth it, then stop.</summary>
    private void BeginStop()
    {
        _isStopping = true;
        Timers.StartSingleTimer(nameof(StopNow), new StopNow(), _settings.StopTimeout);
        SnapshotIfWorthwhileAtStop();
        StopWhenIdle();
    }

    private void StopWhenIdle()
    {
        if (_isStopping && _inFlight is null && _next.IsEmpty && _restore is null && _saving is null && _cleaning == 0) Context.Stop(Self);
    }

    private void StopAtDeadline()
    {
        _log.Warning("{0}: stopped after {1} s with work pending; what was acknowledged is in the journal", PersistenceId, _settings.StopTimeout.TotalSeconds);
        Context.Stop(Self);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // The base class would only log the same again.
        _log.Error(cause, "{0}: writing the events up to {1} failed; the engine recovers from its journal", PersistenceId, sequenceNr);
        _gateway.Tell(new EngineFailing($"writing to the journal failed: {Describe.Fault(cause)}", IsFinal: false));
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "{0}: the journal rejected the events up to {1}; the engine recovers from its journal", PersistenceId, sequenceNr);
        // A journal that does not hold what the event follows went back, or is another one: nothing was written, and nothing can be.
        _gateway.Tell(new EngineFailing($"the journal rejected the write: {Describe.Fault(cause)}", IsFinal: cause is CorruptionException));
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        _restore?.Dispose();
        _replaying?.Close();
        WriteEnd();
        ReserveForFreeing(0);
        _memory.SetNeed(_name, 0);
        base.PostStop();
    }

    private long UnixMicroseconds() => _time.GetUnixMicroseconds();

    /// <summary>Entries that go to the journal in one atomic write, and the answers that wait for it.</summary>
    private sealed class WriteGroup
    {
        public List<JournalRecord> Records { get; } = [];

        /// <summary>Per ticket a refusal or a <see cref="CommandResult"/>, in the order of the commands.</summary>
        public List<(long Ticket, object Reply)> Replies { get; } = [];

        public long Bytes { get; set; }

        /// <summary>When it was handed to the journal (<see cref="Stopwatch"/>), if somebody wants to know.</summary>
        public long Began { get; set; }

        /// <summary>Those of them that bring the next snapshot nearer.</summary>
        public long BytesForSnapshots { get; set; }

        /// <summary>The state after the last entry; null until the group is on its way.</summary>
        public DurableView? View { get; set; }

        /// <summary>The View whose snapshot may be written when the group is durable, or null.</summary>
        public DurableView? SaveThen { get; set; }

        public bool IsEmpty => Records.Count == 0 && Replies.Count == 0;

        public void SendReplies(IActorRef gateway)
        {
            foreach ((long ticket, object reply) in Replies) gateway.Tell(new Answer(ticket, reply is CommandResult result ? result.Receipt : reply));
            Replies.Clear();
        }
    }
}
