using System.Globalization;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>
/// Whether an engine can take commands, and why not. A state at a time, each with a name; what does not fit the state changes nothing,
/// because it is of an engine that is gone. Pure: it knows no actor and no clock, and it outlives the gateway that writes it.
/// </summary>
internal sealed class Availability(string name)
{
    /// <summary>What the engine is at the moment. One of the records below.</summary>
    internal abstract record State
    {
        /// <summary>There is no engine, and nothing is done to get one.</summary>
        internal sealed record Absent : State;

        /// <summary>Journal and snapshot store are asked whether they answer.</summary>
        internal sealed record Checking : State;

        /// <summary>The engine is on its way, under its supervisor: it starts, recovers, or waits to be started again.</summary>
        /// <param name="RecoveredTo">The event that the recovery has come to; null before it has found one.</param>
        internal sealed record Recovering(long? RecoveredTo) : State;

        /// <summary>The engine takes commands.</summary>
        internal sealed record Ready : State;

        /// <summary>The engine finishes what is pending; the gateway stops after it.</summary>
        internal sealed record Stopping : State;

        /// <summary>Nothing is answered any more until the process starts again.</summary>
        /// <param name="IsOfJournal">Whether it has no journal: nothing is known of the engine then, and its gateway may go.</param>
        /// <param name="IsLeaving">Whether the gateway stops, as in <see cref="Stopping"/>.</param>
        internal sealed record Stopped(string Reason, bool IsOfJournal, bool IsLeaving) : State;
    }

    private long _lastSequenceNr;

    public State Now { get; private set; } = new State.Absent();

    /// <summary>What went wrong last, since the engine was ready; null if nothing did.</summary>
    public string? LastFault { get; private set; }

    /// <summary>Whether the gateway was told to stop.</summary>
    public bool IsLeaving => Now is State.Stopping or State.Stopped { IsLeaving: true };

    public bool IsStoppedForGood => Now is State.Stopped;

    public void BeginCheck()
    {
        if (Now is State.Absent) Now = new State.Checking();
    }

    /// <param name="lastSequenceNr">The journal's last event, or 0.</param>
    public void EndCheck(long lastSequenceNr)
    {
        _lastSequenceNr = lastSequenceNr;
        if (Now is State.Checking) Now = new State.Absent();
    }

    public void StartEngine()
    {
        if (Now is State.Absent) Now = new State.Recovering(null);
    }

    public void RecoverTo(long sequenceNr)
    {
        if (Now is State.Recovering) Now = new State.Recovering(sequenceNr);
    }

    public void BecomeReady()
    {
        LastFault = null;
        if (Now is State.Recovering) Now = new State.Ready();
    }

    /// <summary>The engine is gone, and its supervisor starts it again.</summary>
    /// <param name="published">The newest event that was published, or 0.</param>
    public void LoseEngine(long published)
    {
        _lastSequenceNr = Math.Max(_lastSequenceNr, published);
        if (Now is State.Ready or State.Recovering) Now = new State.Recovering(null);
    }

    /// <summary>Engine and supervisor are gone, or there is no engine of this name.</summary>
    public void LoseSupervisor()
    {
        if (Now is State.Ready or State.Recovering) Now = new State.Absent();
    }

    /// <summary>Something failed, and the engine tries again.</summary>
    public void Fail(string reason) => LastFault = reason;

    public void StopForGood(string reason, bool isOfJournal) => Now = new State.Stopped(reason, isOfJournal, IsLeaving);

    public void Leave() => Now = Now is State.Stopped stopped ? stopped with { IsLeaving = true } : new State.Stopping();

    /// <summary>A new gateway takes the place of one that failed: it knows of no engine, but not less of why nothing may be answered.</summary>
    public void RestartGateway()
    {
        LastFault = null;
        _lastSequenceNr = 0;
        if (Now is not (State.Stopping or State.Stopped)) Now = new State.Absent();
    }

    /// <summary>Why no command can be taken, or null.</summary>
    public EngineFailure? Failure => Now switch
    {
        State.Stopped(var reason, _, _) => new EngineFailure(EngineFailureKind.Stopped, reason),
        State.Stopping => new EngineFailure(EngineFailureKind.Stopped, $"collection '{name}' is stopping"),
        State.Ready => null,
        _ => Recovering,
    };

    /// <summary>That it recovers, how far it is, and what went wrong last.</summary>
    public EngineFailure Recovering => new(EngineFailureKind.Recovering,
        $"collection '{name}' is recovering{Progress}{(LastFault is null ? "" : $" ({LastFault})")}; nothing was done, try again");

    /// <summary>The part of the journal that a recovery has read, as far as it is known; 1 if commands are taken.</summary>
    public double Recovered => Now is State.Ready ? 1 : Now is State.Recovering(long place) && _lastSequenceNr >= place && _lastSequenceNr > 0 ? (double)place / _lastSequenceNr : 0;

    /// <summary>How far the recovery is, to stand after "is recovering"; empty before that is known.</summary>
    public string Progress => Now is State.Recovering(long place) && _lastSequenceNr >= place && _lastSequenceNr > 0
        ? string.Create(CultureInfo.InvariantCulture, $" {100 * place / _lastSequenceNr}%, event {place} of {_lastSequenceNr}")
        : "";
}
