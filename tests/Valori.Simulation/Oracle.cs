using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Simulation;

/// <summary>A promise that was broken, with what was expected and what was found.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>
/// What must be true. The journal's committed rows are the truth: they are applied to the plain model as they come, and every
/// answer is held against them.
/// </summary>
internal sealed class Oracle(EngineSchema schema, SimulatedDisk disk)
{
    // Per request each time that it was carried out: more than once only where a restore undid it.
    private readonly Dictionary<string, List<CarriedOut>> _carriedOut = [];
    private readonly Dictionary<string, CarriedOut> _inEffect = [];
    private readonly HashSet<string> _refused = [];
    private readonly List<HistoryPlace> _places = [new HistoryPlace(0, 0, Digest.Zero, HistoryChain.Start, Digest.Zero)];
    private readonly List<NaiveModel> _models = [new NaiveModel(schema)];
    private readonly History _history = new();
    private readonly List<byte> _chunks = [];
    private NaiveModel _model = new(schema);

    /// <summary>The newest event that somebody got a receipt for: nothing that is asked later may be answered from before it.</summary>
    public long Acknowledged { get; private set; }

    public long SequenceNr => _history.SequenceNr;

    /// <summary>The newest event that made a snapshot the state; 0 for none.</summary>
    public long LastRestore { get; private set; }

    public HistoryPlace PlaceAt(long sequenceNr) => _places[(int)sequenceNr];

    /// <summary>A snapshot of the newest committed state, as a client may have saved it.</summary>
    public byte[] Snapshot()
    {
        ValoriKernel kernel = Replayed().Kernel;
        MemoryStream bytes = new();
        HistoryPlace place = _places[^1];
        SnapshotWriter.Write(bytes, kernel.TakeView(), new SnapshotHeader(
            place.SequenceNr, place.UnixMicroseconds, place.Chain, kernel.StateHash, _history.FrontierAt(place.SequenceNr)));
        return bytes.ToArray();
    }

    /// <summary>Takes in what was committed since the last look.</summary>
    public void LookAtJournal()
    {
        while (disk.Committed.TryGetValue(SequenceNr + 1, out byte[]? row)) Take(SequenceNr + 1, JournalCodec.Decode(new JournalRecord(row)));
    }

    /// <summary>A command was acknowledged.</summary>
    /// <param name="acknowledgedBefore">What had been acknowledged when it was sent for the first time: it comes behind all of that.</param>
    /// <param name="acknowledged">The same when it was sent for the last time: what a restore had undone by then is not its answer.</param>
    public void OnReceipt(string request, Command command, Receipt receipt, long acknowledgedBefore, long acknowledged)
    {
        Expect(receipt.SequenceNr > acknowledgedBefore, $"{request} was sent when {acknowledgedBefore} was acknowledged, and carried out at {receipt.SequenceNr}");
        Expect(_carriedOut.TryGetValue(request, out List<CarriedOut>? times), $"{request} is acknowledged with {receipt}, and not in the journal");
        CarriedOut? answered = times!.Find(time => time.Receipt == receipt);
        Expect(answered is not null, $"{request} was {string.Join(" and ", times.Select(time => time.Receipt))}, and is acknowledged with {receipt}");
        Expect(answered!.Command == CommandDigest.Of(command), $"{request} is acknowledged with {receipt}, which another command got than {command}");
        Expect(answered.UndoneBy > acknowledged, $"{request} was sent when {acknowledged} was acknowledged, and is acknowledged with {receipt}, which {answered.UndoneBy} undid");
        Acknowledged = Math.Max(Acknowledged, receipt.SequenceNr);
    }

    /// <summary>A command was refused, or a failure said that nothing was done.</summary>
    public void OnNothingDone(string request)
    {
        Expect(!_inEffect.ContainsKey(request), $"{request} is said to have left no trace, and is in the journal");
        _refused.Add(request);
    }

    /// <summary>A command was refused because another one had its id.</summary>
    public void OnReused(string request, Command command)
    {
        Expect(_carriedOut.TryGetValue(request, out List<CarriedOut>? times), $"{request} is said to have been used before, and is not in the journal");
        Expect(times!.Exists(time => time.Command != CommandDigest.Of(command)), $"{request} is said to be another command than {command}, and is that one");
    }

    /// <summary>A client sends a command: what it was told of its id before is about another try, or another command.</summary>
    public void OnSent(string request) => _refused.Remove(request);

    /// <summary>A restore, or a command without a request id, was acknowledged.</summary>
    /// <param name="acknowledgedBefore">As for <see cref="OnReceipt"/>.</param>
    public void OnUnnamed(Receipt receipt, long acknowledgedBefore)
    {
        ExpectPlace(receipt.Place, acknowledgedBefore + 1);
        Acknowledged = Math.Max(Acknowledged, receipt.SequenceNr);
    }

    /// <summary>A status must be of a committed event that is not older than what was acknowledged when it was asked for.</summary>
    public void OnStatus(EngineStatus status, long acknowledged)
    {
        ExpectPlace(status.Place, acknowledged);
        NaiveModel model = _models[(int)status.SequenceNr];
        Expect(status.Schema == schema, $"schema of {status}");
        Expect(status.RecordCount == (ulong)model.Records.Count(r => r is not null) && status.RecordSlots == (ulong)model.Records.Count, $"records of {status}");
        Expect(status.NodeCount == (ulong)model.Nodes.Count(n => n is not null) && status.EdgeCount == (ulong)model.Edges.Count(e => e is not null), $"graph of {status}");
    }

    public void OnSearch(Search search, SearchHits found, long acknowledged)
    {
        SearchReceipt receipt = found.Receipt!;
        Expect(receipt.SequenceNr >= acknowledged && receipt.SequenceNr <= SequenceNr, $"a search of event {receipt.SequenceNr}, with {acknowledged} acknowledged and {SequenceNr} committed");
        Expect(receipt.StateHash == _places[(int)receipt.SequenceNr].StateHash, $"state hash of a search at {receipt.SequenceNr}");
        (ulong, long)[] hits = [.. found.Hits.Select(hit => (hit.Id.Value, hit.Score))];
        Expect(_models[(int)receipt.SequenceNr].Search(search.Query).SequenceEqual(hits), $"hits at event {receipt.SequenceNr}: {string.Join(", ", hits)}");
        Expect(receipt.Digest == SearchDigest.Compute(receipt.StateHash, search.Query, found.Hits), $"search digest at {receipt.SequenceNr}");
    }

    /// <summary>A record of the past is what it was then, or was not there then.</summary>
    public void OnRecord(RecordRef named, long asOf, RecordContent? content)
    {
        NaiveModel model = _models[(int)asOf];
        RecordId id = named.Id ?? (model.Find(named.Key!.ToString()) is { } found ? new RecordId(found) : new RecordId(ulong.MaxValue));
        Expect(content is null || content.Id == id, $"{named} as of {asOf}: expected record {id}, found {content?.Id}");
        NaiveRecord? expected = id.Value < (ulong)model.Records.Count ? model.Records[(int)id.Value] : null;
        Expect(expected is null == content is null, $"record {id} as of {asOf}: expected {(expected is null ? "none" : "one")}");
        if (expected is not { } record || content is null) return;
        Expect(record.Difference(NaiveRecord.Of(content)) is null, $"record {id} as of {asOf}: {record.Difference(NaiveRecord.Of(content))}");
    }

    public void OnProof(ProveContent asked, long asOf, ContentProof proof)
    {
        ExpectPlace(proof.Place, asOf);
        Outcome<ProvenContent> outcome = ProofVerifier.VerifyInclusion(proof.Proof.ToBytes(), _places[(int)asOf].StateHash);
        Expect(outcome.Value is not null, $"proof of {asked.Kind} {asked.Id} as of {asOf}: {outcome.Refusal?.Message}");
        if (outcome.Value is ProvenRecord record) OnRecord(record.Id, asOf, record.Content);
    }

    public void OnHistoryProof(ProveHistory asked, HistoryExtension extension)
    {
        Refusal? refusal = ProofVerifier.VerifyHistory(extension.Proof.ToBytes(), _places[(int)asked.From], _places[(int)asked.To]);
        Expect(refusal is null, $"history proof from {asked.From} to {asked.To}: {refusal?.Message}");
    }

    /// <summary>Refusing the past is right only where something took it: a snapshot, a restore, or freed memory.</summary>
    public void OnOutOfReach(long asOf, bool mayBe) => Expect(mayBe, $"event {asOf} is said to be out of reach, but nothing took it");

    /// <summary>Events are dropped for two snapshots, and these stay until others take their place.</summary>
    public void OnDropped()
    {
        if (disk.DroppedTo == 0) return;
        long[] covering = [.. disk.SnapshotSequenceNrs.Where(nr => nr >= disk.DroppedTo)];
        Expect(covering.Length >= 2, $"the events up to {disk.DroppedTo} are dropped, and the snapshots from there on are {string.Join(", ", covering)}");
    }

    /// <summary>A record that should have expired by then, or null.</summary>
    public ulong? Overdue(long unixMicroseconds) => _model.Due(unixMicroseconds).Select(id => (ulong?)id).FirstOrDefault();

    /// <summary>At the end, when nothing is under way any more.</summary>
    public void CheckEnd(EngineStatus status)
    {
        LookAtJournal();
        ExpectPlace(status.Place, SequenceNr);
        foreach (string request in _refused) Expect(!_inEffect.ContainsKey(request), $"{request} left a trace after all");
        EngineState second = Replayed();
        Expect(second.Kernel.StateHash == status.StateHash, $"a second engine fed the same journal has {second.Kernel.StateHash}, not {status.StateHash}");
    }

    private EngineState Replayed()
    {
        EngineState second = new("second", 10);
        foreach ((long sequenceNr, byte[] row) in disk.Committed) second.Replay(sequenceNr, new JournalRecord(row));
        return second;
    }

    private void Take(long sequenceNr, JournalEntry entry)
    {
        List<(RequestId Request, Event Happened, (ulong First, int Count) Replaced)> named = [];
        switch (entry.Event)
        {
            case KernelChanged(var changes):
                foreach (Change change in changes)
                {
                    (ulong First, int Count) replaced = _model.ReplacedBy(change.Happened.Command);
                    Expect(_model.Execute(change.Happened.Command), $"event {sequenceNr} holds {change.Happened}, which the model refuses");
                    Expect(change.Happened is not RecordsExpired { UnixMicroseconds: var time } || time == entry.UnixMicroseconds, $"event {sequenceNr} of {entry.UnixMicroseconds} holds {change.Happened}");
                    if (change.Request is { } request) named.Add((request, change.Happened, replaced));
                }
                break;
            case SnapshotChunk(var index, var bytes):
                if (index == 0) _chunks.Clear();
                _chunks.AddRange(bytes.Span);
                break;
            case Restored restored:
                SnapshotContent snapshot = SnapshotReader.Read(new MemoryStream([.. _chunks]), "restored");
                _model = ModelOf(snapshot.Kernel.TakeView());
                _chunks.Clear();
                Forget(sequenceNr, restored.KeepsRequestsTo, snapshot.Header);
                LastRestore = sequenceNr;
                break;
        }
        Digest stateHash = _model.StateHash();
        Expect(entry.StateHash == stateHash, $"event {sequenceNr} has the state hash {entry.StateHash}, the model {stateHash}");
        Expect(entry.UnixMicroseconds >= _history.UnixMicroseconds, $"event {sequenceNr} is before the one before it");
        _history.Extend(entry.UnixMicroseconds, stateHash, 0);
        Expect(entry.Chain == _history.Chain, $"event {sequenceNr} has the chain {entry.Chain}, not {_history.Chain}");
        _places.Add(new HistoryPlace(sequenceNr, entry.UnixMicroseconds, stateHash, entry.Chain, _history.RootAt(sequenceNr)));
        _models.Add(_model.Copy());
        foreach ((RequestId request, Event happened, (ulong First, int Count) replaced) in named)
        {
            CommandResult result = new(happened, replaced);
            result.Complete(new Receipt(sequenceNr, entry.UnixMicroseconds, stateHash, entry.Chain, _places[^1].HistoryRoot, 0, 0));
            CarriedOut carriedOut = new(result.Receipt, CommandDigest.Of(happened));
            Expect(_inEffect.TryAdd(request.Value, carriedOut), $"{request} was carried out twice, the second time at {sequenceNr}");
            if (!_carriedOut.TryGetValue(request.Value, out List<CarriedOut>? times)) _carriedOut.Add(request.Value, times = []);
            times.Add(carriedOut);
        }
    }

    /// <summary>A restore undoes what came after its snapshot; an engine that cannot tell whether it is of this history, all of it.</summary>
    private void Forget(long restore, long keepsTo, SnapshotHeader snapshot)
    {
        bool isOurs = snapshot.SequenceNr < restore && _places[(int)snapshot.SequenceNr].Chain == snapshot.Chain;
        Expect(keepsTo == 0 || (isOurs && keepsTo == snapshot.SequenceNr), $"the restore at {restore} keeps requests to {keepsTo}, and its snapshot is of {snapshot.SequenceNr}");
        foreach ((string request, CarriedOut carriedOut) in _inEffect)
        {
            if (carriedOut.Receipt.SequenceNr <= keepsTo) continue;
            carriedOut.UndoneBy = restore;
            _inEffect.Remove(request);
        }
    }

    private void ExpectPlace(HistoryPlace place, long least)
    {
        Expect(place.SequenceNr >= least && place.SequenceNr <= SequenceNr, $"an answer of event {place.SequenceNr}, expected {least} to {SequenceNr}");
        Expect(place == _places[(int)place.SequenceNr], $"{place} is not {_places[(int)place.SequenceNr]}");
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new BrokenPromiseException(otherwise);
    }

    /// <summary>A named command that is in the journal.</summary>
    private sealed record CarriedOut(Receipt Receipt, Digest Command)
    {
        public long UndoneBy { get; set; } = long.MaxValue;
    }

    private NaiveModel ModelOf(View view)
    {
        NaiveModel model = new(schema);
        for (ulong id = 0; id < view.RecordSlots; id++)
            model.Records.Add(view.GetRecord(new RecordId(id)).Value is { } record ? NaiveRecord.Of(record) : null);
        for (ulong id = 0; id < view.NodeSlots; id++)
            model.Nodes.Add(view.GetNode(new NodeId(id)).Value is { } node ? NaiveNode.Of(node) : null);
        for (ulong id = 0; id < view.EdgeSlots; id++)
            model.Edges.Add(view.GetEdge(new EdgeId(id)).Value is { } edge ? NaiveEdge.Of(edge) : null);
        return model;
    }
}
