using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Simulation;

/// <summary>How one simulation ended.</summary>
/// <param name="Failure">What promise was broken, or null.</param>
/// <param name="Hash">Of everything that happened: the same seed leads to the same one.</param>
/// <param name="Drops">How many collections were dropped.</param>
/// <param name="DropsAcrossLives">How many of the drops were finished by another process than the one that began them.</param>
internal sealed record SimulationResult(string? Failure, string Hash, long Events, int Lives, int SwapsFound, int Drops, int DropsAcrossLives, IReadOnlyList<string> Trace);

/// <summary>
/// An engine, from its gateway to its journal, driven by one seed: clients that send commands and queries, a disk and a clock
/// that misbehave, a process that dies between any two steps and comes back. Everything runs on one thread, one message of one
/// actor at a time, in an order that the seed decides.
/// </summary>
internal sealed partial class Simulation
{
    private readonly int _seed;
    // A recovery under the longest backoff is over long before.
    private const int MostRoundsToTheEnd = 20_000;

    // Without faults the second start gets over whatever the first one read wrongly.
    private const int MostStopsAtTheEnd = 5;

    private readonly Random _random;
    private readonly Faults _faults;
    private readonly SimulatedDisk _disk;
    private readonly SimulatedTime _time = new();
    private readonly Trace _trace = new();
    private readonly string _settings;

    // Whether the past is forgotten while the engine runs.
    private readonly bool _forgets;
    private readonly double _namedFraction;
    private EngineSchema _schema;
    private Oracle _oracle;
    private SimulatedClient[] _clients;
    private SimulatedProcess _process;
    private Opening? _opening;
    private int _lives;

    // The newest event that a snapshot or a restore may have taken the past before. Freed memory may take any.
    private long _reachMayBegin;

    private int SwapsFound { get; set; }

    private Simulation(int seed, Faults faults)
    {
        _seed = seed;
        _random = new Random(seed);
        _schema = SchemaOf(seed);
        _faults = faults;
        _disk = new SimulatedDisk(_random, faults, _trace);
        _oracle = new Oracle(_schema, _disk);
        bool drops = _random.Next(3) == 0;
        string forgetAfter = (seed / 4 % 3) switch
        {
            1 => "0s",
            2 => "2s",
            _ => "never",
        };
        _forgets = forgetAfter != "never";
        _settings = $$"""
            valori.journal-retention = {{(drops ? "snapshots" : "all")}}
            valori.snapshot-store-plugin-id = {{(_random.Next(2) == 0 ? "simulated-file-store" : "simulated-table-store")}}
            valori.snapshots.after-journal-bytes = {{500 + _random.Next(20_000)}}
            valori.max-bytes-in-flight = {{(_random.Next(4) == 0 ? 2_000 : 1_000_000)}}
            valori.stop-timeout = 20s
            valori.past { forget-after = {{forgetAfter}}, free-bytes = 1, free-fraction = 0 }
            """;
        _namedFraction = _random.Next(3) / 2.0;
        _clients = NewClients(seed * 31);
        _process = Start();
    }

    private static EngineSchema SchemaOf(int seed) => (seed & 3) switch
    {
        1 => new EngineSchema(3, Metric.Cosine),
        2 => new EngineSchema(3, Metric.Dot, -3),
        3 => new EngineSchema(3, Metric.L2, 6),
        _ => new EngineSchema(3),
    };

    private SimulatedClient[] NewClients(int seed) =>
    [
        .. Enumerable.Range(0, 4).Select(i => new SimulatedClient($"c{i}", _random, new RandomCommands(seed + i, _schema), _oracle, _trace)
        {
            NamedFraction = _namedFraction,
            MayBeOutOfReach = asOf => asOf < _reachMayBegin || (_forgets && asOf < _oracle.SequenceNr),
        }),
    ];

    /// <summary>Runs one seed to its end.</summary>
    /// <param name="operations">What clients and the world do before everything is left to come to its end.</param>
    public static SimulationResult Run(int seed, int operations, Faults faults)
    {
        Simulation simulation = new(seed, faults);
        string? failure = null;
        try
        {
            simulation.Run(operations);
        }
        catch (Exception e)
        {
            failure = e is BrokenPromiseException ? e.Message : e.ToString();
        }
        string[] trace = [.. simulation._trace.Lines()];
        string hash = Digest.Of(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', trace))).ToString();
        return new SimulationResult(failure, hash, simulation._eventsOfDropped + simulation._oracle.SequenceNr, simulation._lives, simulation.SwapsFound, simulation._drops, simulation._dropsAcrossLives, trace);
    }

    private void Run(int operations)
    {
        for (_trace.Step = 0; _trace.Step < operations; _trace.Step++)
        {
            TakeSteps(_random.Next(12));
            Act();
        }
        ComeToTheEnd();
        // What is there now is there after another start, read from what the disk has.
        Restart("the end");
        ComeToTheEnd();
    }

    private long ASecondAgo => _time.GetUnixMicroseconds() - 1_000_000;

    private void Act()
    {
        // Whoever runs the service frees the disk, and starts again what has stopped for good.
        if (_disk.IsFull && _random.Next(20) == 0) Free();
        bool hasStopped = _clients.Any(client => client.Stopped is not null) || (WithDrops && _opening?.Stopped is not null);
        if (hasStopped && _random.Next(10) == 0) Restart("it had stopped for good");
        switch (_random.Next(1_000))
        {
            case < 700: LetClientAct(_clients[_random.Next(_clients.Length)]); break;
            case < 900: Advance(TimeSpan.FromMilliseconds(_random.Next(400))); break;
            case < 905 when (_faults & Faults.Clock) != 0:
                TimeSpan jump = TimeSpan.FromMinutes(_random.Next(-60, 60));
                _trace.Add("clock", detail: jump);
                _time.Advance(jump);
                break;
            case < 912 when (_faults & Faults.FullDisk) != 0:
                _disk.IsFull = true;
                _trace.Add("disk", detail: "full");
                break;
            case < 915 when (_faults & Faults.TornSnapshots) != 0: _disk.Files.Rot(); break;
            case < 925 when (_faults & Faults.Crashes) != 0: Crash(); break;
            case < 929 when (_faults & Faults.Restarts) != 0: StopGracefully(); break;
            case < 934 when (_faults & Faults.Swaps) != 0: Swap(); break;
            case < 950 when WithDrops && _drop is null: Drop(); break;
        }
    }

    private void Free()
    {
        _disk.IsFull = false;
        _trace.Add("disk", detail: "free");
    }

    private void LetClientAct(SimulatedClient client)
    {
        if (_process.Gateway is not { } gateway) return;
        if (client.IsIdle) client.Begin(gateway);
        else if (client.MustSendAgain) client.SendAgain(gateway);
    }

    private void TakeSteps(int most)
    {
        for (int i = 0; i < most && _process.Steps.Count > 0; i++)
        {
            _process.Steps.TakeOne();
            LookAtDrop();
            if (!_disk.IsBeingDropped) _oracle.LookAtJournal();
            if (_disk.Files.HasDied || DiesDuringDrop)
            {
                Crash();
                continue;
            }
            NoteReach();
            CheckRetention();
            foreach (SimulatedClient client in _clients) client.LookAtAnswer();
            LookAtOpening();
        }
    }

    private void Advance(TimeSpan by)
    {
        _time.Advance(by);
        _process.Advance(by);
        if (_opening is { HasFailed: true }) Open();
    }

    /// <summary>The process is killed, or the power is gone and comes back.</summary>
    private void Crash()
    {
        bool isPowerLost = _random.Next(2) == 0;
        Restart(isPowerLost ? "power lost" : "crash", isPowerLost);
        // Whatever was dropped, the power took nothing of what stands for it.
        CheckRetention();
    }

    private void CheckRetention()
    {
        if (!_disk.IsBeingDropped) _oracle.OnDropped();
    }

    /// <summary>
    /// The process is gone and a new one starts on what the disk has: what was committed, and nothing else. An engine that read
    /// something damaged stays stopped until then.
    /// </summary>
    private void Restart(string why, bool isPowerLost = false)
    {
        _trace.Add("restart", detail: why);
        foreach (SimulatedClient client in _clients) client.OnProcessGone();
        _drop = null;
        _disk.Files.Restart(isPowerLost);
        _process = Start();
    }

    private void StopGracefully()
    {
        _trace.Add("stop");
        if (_process.Guardian is { } guardian) guardian.Tell(new StopEngines(), new Probe());
        else _process.Gateway.Tell(StopEngine.Instance);
        // As long as the engine may take at most.
        for (int i = 0; i < 200; i++)
        {
            TakeSteps(50);
            Advance(TimeSpan.FromMilliseconds(100));
        }
        Restart("stopped");
    }

    private SimulatedProcess Start()
    {
        _lives++;
        // A snapshot that is there may be what the engine begins from.
        NoteReach();
        _process = new SimulatedProcess(_random, _disk, _time, _settings, WithDrops);
        Open();
        return _process;
    }

    private void NoteReach()
    {
        if (_disk.IsBeingDropped) return;
        foreach (long snapshot in _disk.SnapshotSequenceNrs) _reachMayBegin = Math.Max(_reachMayBegin, snapshot);
        _reachMayBegin = Math.Max(_reachMayBegin, _oracle.LastRestore);
    }

    private void Open()
    {
        _opening = new Opening(_drops);
        (_process.Guardian ?? _process.Gateway!).Tell(new OpenEngine("simulated", new WantedSchema(_schema.Dimension, _schema.Metric, _schema.Scale)), _opening);
    }

    private void LookAtOpening()
    {
        if (_opening is not { Answer: EngineOpened opened }) return;
        if (_process.Guardian is not null) OnOpened(opened);
        _opening = null;
    }

    /// <summary>What is on the disk is swapped while nobody runs; the next start must refuse it; then it is put right.</summary>
    private void Swap()
    {
        if (_disk.IsFull || Swaps.Try(_random, _disk) is not { } swap) return;
        _trace.Add("swap", detail: swap.What);
        bool wasQuiet = _disk.IsQuiet;
        _disk.IsQuiet = true;
        Restart("swapped");
        for (int i = 0; _opening is { Stopped: null } && i < MostRoundsToTheEnd; i++)
        {
            TakeSteps(50);
            Advance(TimeSpan.FromMilliseconds(100));
        }
        if (_opening?.Stopped is null) throw new BrokenPromiseException($"{swap.What}, and the engine serves it");
        swap.PutRight();
        SwapsFound++;
        Restart("put right");
        _disk.IsQuiet = wasQuiet;
    }

    /// <summary>No more faults: everybody is answered, and the engine is where the journal is.</summary>
    private void ComeToTheEnd()
    {
        _disk.IsQuiet = true;
        _disk.IsFull = false;
        Probe? probe = null;
        int stops = 0;
        for (int i = 0; i < MostRoundsToTheEnd; i++)
        {
            TakeSteps(50);
            Advance(TimeSpan.FromMilliseconds(100));
            foreach (SimulatedClient client in _clients.Where(client => client.MustSendAgain)) LetClientAct(client);
            EngineFailure? stopped = _clients.Select(client => client.Stopped).Append(_opening?.Stopped).Append(probe?.Stopped).FirstOrDefault(failure => failure is not null);
            if (stopped is not null) Restart("it had stopped for good");
            if (stopped is not null && ++stops == MostStopsAtTheEnd)
            {
                throw new BrokenPromiseException(
                    $"started {stops} times after the last fault, and stopped for good every time ({stopped}); "
                        + $"the journal is at {_oracle.SequenceNr} and dropped to {_disk.DroppedTo}, snapshots are of {_disk.DescribeSnapshots()}");
            }
            if (stopped is not null || probe is { Answer: EngineFailure }) probe = null;
            if (_process.Gateway is not { } gateway)
            {
                probe = null;
                continue;
            }
            if (!_clients.All(client => client.IsIdle) || _opening is not null || _drop is not null || _oracle.Overdue(ASecondAgo) is not null) continue;
            // One that was asked before the last event was published is asked again.
            if (probe is null || (probe.Answer is EngineStatus { SequenceNr: var seen } && seen != _oracle.SequenceNr))
            {
                probe = new Probe();
                gateway.Tell(new GetStatus(), probe);
            }
            else if (probe.Answer is EngineStatus status && _process.Steps.Count == 0)
            {
                _oracle.CheckEnd(status);
                _trace.Add("end", detail: status.Place);
                _disk.IsQuiet = false;
                return;
            }
        }
        Probe last = new();
        _process.Gateway?.Tell(new DeleteEdge(new EdgeId(ulong.MaxValue)), last);
        TakeSteps(1_000);
        throw new BrokenPromiseException(
            $"{MostRoundsToTheEnd} rounds after the last fault somebody still waits: {string.Join(", ", _clients.Where(client => !client.IsIdle))} "
                + $"{(_opening is null ? "" : "for the engine to open ")}{(_drop is null ? "" : "for the drop to end ")}; a status says {probe?.Answer}, a command is answered {last.Answer}, {(_oracle.Overdue(ASecondAgo) is { } overdue ? $"record {overdue} is overdue, " : "")}{_process.Steps.Count} steps are ready, the journal is at {_oracle.SequenceNr}");
    }

    /// <param name="collection">How many collections had been dropped when it was asked for.</param>
    private sealed class Opening(int collection) : Probe
    {
        public int Collection => collection;

        public bool HasFailed => Answer is EngineFailure { Kind: not EngineFailureKind.Stopped };
    }

    private class Probe : MinimalActorRef
    {
        public object? Answer { get; private set; }

        public EngineFailure? Stopped => Answer is EngineFailure { Kind: EngineFailureKind.Stopped } failure ? failure : null;

        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "probe";

        public override IActorRefProvider Provider => throw new NotSupportedException("a probe of the simulation");

        protected override void TellInternal(object message, IActorRef sender) => Answer = message;
    }
}
