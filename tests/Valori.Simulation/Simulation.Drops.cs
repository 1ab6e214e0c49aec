using Valori.Protocol;

namespace Valori.Simulation;

// Drops: the collection goes, between any two steps the process may die, and another collection gets the name.
internal sealed partial class Simulation
{
    // While a drop is under way: it takes about as many steps, and as many more are taken by others.
    private const int StepsToADeath = 50;

    private PendingDrop? _drop;
    private int _drops;
    private int _dropsAcrossLives;
    private long _eventsOfDropped;

    // The life of the process in which the intent came; 0 if there is none.
    private int _decidedIn;

    private bool WithDrops => (_faults & Faults.Drops) != 0;

    private bool DiesDuringDrop => WithDrops && (_drop is not null || _disk.IsBeingDropped) && _disk.Happens(Faults.Crashes, 1.0 / StepsToADeath);

    private void Drop()
    {
        _drop = new PendingDrop(_drops, IsEmpty: _oracle.SequenceNr == 0, IsGoing: _disk.IsBeingDropped);
        _trace.Add("drop", detail: $"{_oracle.SequenceNr} events");
        _process.Guardian!.Tell(new DropEngine("simulated"), _drop.Answer);
    }

    private void LookAtDrop()
    {
        if (_disk.IsBeingDropped && _decidedIn == 0) OnDecided();
        if (!_disk.IsBeingDropped && _decidedIn != 0) OnGone();
        if (_drop?.Answer.Answer is { } answer) OnAnswer(_drop, answer);
    }

    /// <summary>From here on there is no collection, and what it promised is nobody's any more. The next one has other clients, and another schema.</summary>
    private void OnDecided()
    {
        _trace.Add("dropped", detail: $"{_oracle.SequenceNr} events");
        _decidedIn = _lives;
        _drops++;
        _eventsOfDropped += _oracle.SequenceNr;
        _process.Gateway = null;
        _reachMayBegin = 0;
        // Who waits to open the collection creates the next one, as it was asked for.
        if (_opening is null) _schema = SchemaOf(_seed + _drops);
        _oracle = new Oracle(_schema, _disk);
        _clients = NewClients((_seed + _drops * 1_000) * 31);
        if (_opening is null && _random.Next(2) == 0) Open();
    }

    private void OnGone()
    {
        string[] left = [.. _disk.Left];
        if (left.Length > 0) throw new BrokenPromiseException($"the collection is said to be gone, and this is left of it: {string.Join(", ", left)}");
        _trace.Add("gone");
        if (_decidedIn != _lives) _dropsAcrossLives++;
        _decidedIn = 0;
        if (_opening is null) Open();
    }

    private void OnOpened(EngineOpened opened)
    {
        // Of the one before it may be told in the moment in which its intent comes.
        if (_disk.IsBeingDropped && _opening!.Collection == _drops) throw new BrokenPromiseException("a collection is opened before the one that had its name is gone");
        if (opened.Schema != _schema && !_disk.IsBeingDropped) throw new BrokenPromiseException($"a collection with {_schema} is opened with {opened.Schema}");
        if (!_disk.IsBeingDropped) _process.Gateway = opened.Gateway;
    }

    private void OnAnswer(PendingDrop drop, object answer)
    {
        _trace.Add("drop answered", detail: answer);
        bool wasDropped = _drops > drop.Collection;
        bool isTrue = answer switch
        {
            EngineDropped => (wasDropped || drop.IsGoing) && !_disk.IsBeingDropped,
            Refusal { Kind: RefusalKind.NotFound } => wasDropped || drop.IsEmpty,
            EngineFailure { Kind: EngineFailureKind.OutcomeUnknown } => true,
            EngineFailure { Kind: EngineFailureKind.Recovering } => !wasDropped,
            _ => false,
        };
        if (!isTrue) throw new BrokenPromiseException($"a drop was answered {answer}; the collection was {(wasDropped ? "" : "not ")}dropped, and is {(_disk.IsBeingDropped ? "" : "not ")}going");
        _drop = null;
    }

    /// <param name="Collection">How many had been dropped before it.</param>
    /// <param name="IsEmpty">Whether the collection had no event, and so need not have been there.</param>
    /// <param name="IsGoing">Whether something was left of the one before, which another process had begun to drop.</param>
    private sealed record PendingDrop(int Collection, bool IsEmpty, bool IsGoing)
    {
        public Probe Answer { get; } = new();
    }
}
