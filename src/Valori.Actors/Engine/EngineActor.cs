using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Engine;

/// <summary>
/// The one writer of an engine. A command is decided and applied to the private state at once, and its event joins the
/// group that goes to the journal when the write before it is done. When a group is durable its View is published, then
/// its replies are sent, in order.
/// </summary>
/// <remarks>
/// <para>Invariants: nothing is answered or visible before it is durable; a refused command leaves no trace; a failed write
/// throws the whole private state away (the actor stops and recovers from the journal).</para>
/// <para>A group is one atomic write and only one is in flight, so the journal never holds an event whose predecessor was
/// not written: what is in the journal is always a prefix of what was decided.</para>
/// </remarks>
internal sealed partial class EngineActor : UntypedPersistentActor
{
    private readonly string _name;
    private readonly int? _createWithDimension;
    private readonly PublishedView _published;
    private readonly ValoriSettings _settings;
    private readonly TimeProvider _time;
    private readonly IActorRef _gateway;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private EngineState _state;
    private WriteGroup _next = new();
    private WriteGroup? _inFlight;
    private bool _isStopping;

    public EngineActor(
        string name, int? createWithDimension, PublishedView published, ValoriSettings settings, TimeProvider time, IActorRef gateway)
    {
        _name = name;
        _createWithDimension = createWithDimension;
        _published = published;
        _settings = settings;
        _time = time;
        _gateway = gateway;
        PersistenceId = ValoriSettings.PersistenceIdOf(name);
        JournalPluginId = settings.JournalPluginId;
        SnapshotPluginId = settings.SnapshotPluginId;
        _state = new EngineState(PersistenceId);
    }

    public override string PersistenceId { get; }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Submit(var ticket, Command command): Execute(ticket, command); break;
            case Submit(var ticket, Protocol.SaveSnapshot): RequestSnapshot(ticket); break;
            case Submit(var ticket, AdoptSnapshot adopt): BeginRestore(ticket, adopt); break;
            case SaveSnapshotSuccess success: OnSnapshotSaved(success.Metadata); break;
            case SaveSnapshotFailure failure: OnSnapshotFailed(failure.Metadata, failure.Cause); break;
            case DeleteSnapshotsSuccess: OnOlderSnapshotsForgotten(fault: null); break;
            case DeleteSnapshotsFailure failure: OnOlderSnapshotsForgotten(failure.Cause); break;
            case StopEngine:
                _isStopping = true;
                StopWhenIdle();
                break;
            default: Unhandled(message); break;
        }
    }

    private void Execute(long ticket, Command command)
    {
        if (!_state.Kernel.Decide(command).TryGet(out Event? happened, out Refusal? refusal))
        {
            // A refusal may rest on what is not durable yet, so it waits for its turn too.
            _next.Replies.Add(new Answer(ticket, refusal));
        }
        else
        {
            JournalEntry entry = Record(new KernelChanged(happened));
            (ulong firstId, int count) = IdsOf(happened);
            _next.Replies.Add(new Answer(ticket, new Receipt(_state.SequenceNr, entry.UnixMicroseconds, entry.StateHash, entry.Chain, firstId, count)));
        }
        Flush();
    }

    /// <summary>Applies an event to the private state and puts its entry into the next group.</summary>
    private JournalEntry Record(JournalEvent happened, ValoriKernel? restoredKernel = null)
    {
        JournalEntry entry = _state.Record(happened, UnixMicroseconds(), restoredKernel);
        JournalRecord record = JournalCodec.Encode(entry);
        _next.Records.Add(record);
        _next.Bytes += record.Payload.Length;
        _next.View = _state.TakeView();
        return entry;
    }

    /// <summary>Sends the next group to the journal, unless one is on its way.</summary>
    private void Flush()
    {
        if (_inFlight is not null) return;
        if (_next.Records.Count == 0)
        {
            _next.SendReplies(_gateway);
            return;
        }
        WriteGroup group = _inFlight = _next;
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
        if (LastSequenceNr != group.View!.SequenceNr)
            throw new InvalidOperationException($"the journal is at {LastSequenceNr}, the state at {group.View.SequenceNr}");
        _published.Latest = group.View;
        group.SendReplies(_gateway);
        _inFlight = null;
        _bytesSinceSnapshot += group.Bytes;
        PumpRestore();
        Flush();
        SnapshotIfDue();
        StopWhenIdle();
    }

    private void StopWhenIdle()
    {
        if (_isStopping && _inFlight is null && _next.IsEmpty && _restore is null && _saving is null && !_isForgetting) Context.Stop(Self);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "{0}: writing the events up to {1} failed; the engine recovers from its journal", PersistenceId, sequenceNr);
        _gateway.Tell(new EngineFailing($"writing to the journal failed: {Describe.Fault(cause)}", IsFinal: false));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "{0}: the journal rejected the events up to {1}; the engine recovers from its journal", PersistenceId, sequenceNr);
        _gateway.Tell(new EngineFailing($"the journal rejected the write: {Describe.Fault(cause)}", IsFinal: false));
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        _restore?.Dispose();
        base.PostStop();
    }

    private long UnixMicroseconds() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static (ulong FirstId, int Count) IdsOf(Event happened) => happened switch
    {
        RecordsInserted(var firstId, var vectors, _) => (firstId.Value, vectors.Count),
        NodeCreated(var id, _, _) => (id.Value, 1),
        EdgeCreated(var id, _, _, _) => (id.Value, 1),
        RecordDeleted(var id) => (id.Value, 0),
        MetadataSet(var id, _) => (id.Value, 0),
        NodeDeleted(var id) => (id.Value, 0),
        EdgeDeleted(var id) => (id.Value, 0),
        _ => throw new InvalidOperationException($"no ids known for {happened.GetType().Name}"),
    };

    /// <summary>Events that go to the journal in one atomic write, and the answers that wait for it.</summary>
    private sealed class WriteGroup
    {
        public List<JournalRecord> Records { get; } = [];

        public List<Answer> Replies { get; } = [];

        public long Bytes { get; set; }

        /// <summary>The state behind the last event; null while there is none.</summary>
        public DurableView? View { get; set; }

        public bool IsEmpty => Records.Count == 0 && Replies.Count == 0;

        public void SendReplies(IActorRef gateway)
        {
            foreach (Answer reply in Replies) gateway.Tell(reply);
            Replies.Clear();
        }
    }
}
