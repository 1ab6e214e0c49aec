using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Valori.Actors.Engine;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

// How an engine comes: openers, the check of the storage, the supervisor.
internal sealed partial class EngineGateway
{
    private void Open(OpenEngine open)
    {
        if (Availability.Failure is { Kind: EngineFailureKind.Stopped } failure)
        {
            Sender.Tell(failure);
            return;
        }
        if (Availability.Now is Availability.State.Recovering { RecoveredTo: not null } && !open.Wait)
        {
            Sender.Tell(Availability.Recovering);
            return;
        }
        _openers.Add(Sender, open);
        if (Availability.Now is Availability.State.Ready) AnswerOpeners();
        else if (Availability.Now is Availability.State.Absent) CheckStorage();
    }

    private void CheckStorage()
    {
        Availability.BeginCheck();
        Context.ActorOf(Props.Create(() => new StorageCheck(_settings, _watch, ValoriSettings.PersistenceIdOf(_name))));
    }

    private void OnStorageChecked(string? fault, long lastSequenceNr, IReadOnlyList<string> dropped)
    {
        Availability.EndCheck(lastSequenceNr);
        if (dropped.Count > 0) Context.Parent.Tell(new UnfinishedDrops(dropped));
        if (dropped.Contains(_name)) LeaveOpenersToGuardian();
        if (_openers.First is { } open)
        {
            if (fault is null) StartEngine(open);
            else OnFailing(new EngineFailing(fault, IsFinal: false));
        }
        // Clients hold the address of what has been served before: without an opener too, it is tried until the storage answers.
        if (fault is not null && _state.Published.Latest is not null && Availability.Now is Availability.State.Absent)
            Timers.StartSingleTimer(nameof(Reopen), new OpenEngine(_name, Create: false), _settings.MaximumBackoff);
        LeaveIfIdle();
    }

    private void StartEngine(OpenEngine open)
    {
        Availability.StartEngine();
        FollowMode follow = _state.Follow;
        EngineSchema? createWith = open.Create && !follow.IsOn ? open.Schema.ForNew() : null;
        IActorRef gateway = Self;
        PublishedView published = _state.Published;
        Props engine = Props.Create(() => new EngineActor(_name, createWith, published, follow, _settings, _memory, _time, gateway))
            .WithDispatcher(ValoriSettings.EngineDispatcher);
        BackoffOptions backoff = Backoff
            .OnStop(engine, "engine", _settings.MinimumBackoff, _settings.MaximumBackoff, _settings.BackoffRandomFactor, maxNrOfRetries: -1)
            .WithAutoReset(_settings.MaximumBackoff)
            // What is expected is logged once, by the gateway.
            .WithSupervisorStrategy(new OneForOneStrategy(-1, -1, OnEngineFault, loggingEnabled: false))
            .WithFinalStopMessage(message => message is StopEngine);
        _supervisor = Context.Watch(Context.ActorOf(BackoffSupervisor.Props(backoff)));
        _progressLogged = _time.GetTimestamp();

        Directive OnEngineFault(Exception cause)
        {
            if (cause is not (CorruptionException or InvariantException)) _log.Error(cause, "collection '{0}' failed; it recovers from its journal", _name);
            // A fault in the engine is never resumed: the private state may be half changed. Stopping brings the backoff in.
            gateway.Tell(cause is InvariantException ? new InvariantBroken(cause) : new EngineFailing(Describe.Fault(cause), IsFinal: cause is CorruptionException));
            return Directive.Stop;
        }
    }

    private void OnOnline(EngineOnline online)
    {
        // Of an engine that a restart of this gateway stopped.
        if (_supervisor is null) return;
        _engine = Context.Watch(online.Engine);
        Availability.BecomeReady();
        Gauges.RecoveryProgress = Availability.Recovered;
        AnswerOpeners();
        StartIndex();
    }

    /// <summary>An engine that has something to recover exists: callers that do not want to wait for it are answered.</summary>
    private void OnProgress(long sequenceNr)
    {
        Availability.RecoverTo(sequenceNr);
        Gauges.RecoveryProgress = Availability.Recovered;
        foreach ((IActorRef client, _) in _openers.Take(request => !request.Wait)) client.Tell(Availability.Recovering);
        if (_time.GetElapsedTime(_progressLogged) < ProgressLogInterval) return;
        _progressLogged = _time.GetTimestamp();
        _log.Info("engine '{0}' is recovering{1}", _name, Availability.Progress);
    }

    private void AnswerOpeners()
    {
        EngineSchema schema = _state.Published.Latest!.View.Schema;
        foreach ((IActorRef client, OpenEngine request) in _openers.TakeAll())
        {
            client.Tell((object?)request.Schema.CheckAgainst(schema, _name) ?? new EngineOpened(_name, schema, Self));
        }
    }

    private void OnMissing(Refusal? cannotBeCreated)
    {
        // Of an engine that a restart of this gateway stopped.
        if (_supervisor is null) return;
        Context.Stop(Context.Unwatch(_supervisor));
        _supervisor = null;
        Availability.LoseSupervisor();
        // There is nothing that follows.
        _state.Follow.End();
        if (cannotBeCreated is not null)
        {
            foreach ((IActorRef client, _) in _openers.Take(request => request.Create)) client.Tell(cannotBeCreated);
        }
        foreach ((IActorRef client, _) in _openers.Take(request => !request.Create))
            client.Tell(new Refusal(RefusalKind.NotFound, $"collection '{_name}' does not exist"));
        if (Availability.IsLeaving) StopSelf();
        else if (_openers.First is { } open) StartEngine(open);
        else LeaveIfIdle();
    }
}
