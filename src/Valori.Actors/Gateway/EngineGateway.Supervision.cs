using Akka.Actor;
using Akka.Event;
using Valori.Actors.Engine;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

// What happens when something fails: below the gateway, or in it.
internal sealed partial class EngineGateway
{
    /// <summary>
    /// Whatever fails below stops. The engine comes back under its backoff supervisor, an upload has told its client, and a storage
    /// check its gateway.
    /// </summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>The gateway has failed: waiting callers are answered, what is below stops, and a new instance takes its place and its address.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        Availability.Fail($"its gateway failed: {Describe.Fault(reason)}");
        _log.Error(reason, "engine '{0}': its gateway failed; it recovers from its journal", _name);
        FailTickets();
        FailOpeners(Availability.Failure ?? Availability.Recovering);
        base.PreRestart(reason, message);
    }

    /// <summary>Clients hold the address: the engine must come back without being asked for.</summary>
    protected override void PostRestart(Exception reason)
    {
        Availability.RestartGateway();
        base.PostRestart(reason);
        if (Availability.IsLeaving) Context.Stop(Self);
        else if (!Availability.IsStoppedForGood) Reopen();
    }

    private void Reopen() => Self.Tell(new OpenEngine(_name, Create: false), ActorRefs.NoSender);

    /// <summary>Answers those whose commands the engine has taken, and not answered.</summary>
    private void FailTickets()
    {
        if (_tickets.Count == 0) return;
        string why = Availability.LastFault ?? "the collection stopped";
        EngineFailure failure = new(EngineFailureKind.OutcomeUnknown,
            $"{why}; the outcome is unknown: the command may or may not have been carried out. The collection recovers from its journal; check its state before you try again");
        foreach (Ticket ticket in _tickets.TakeAll()) ticket.Tell(failure);
    }

    /// <summary>Nothing is kept of what does not exist: the guardian lets a gateway go that has no engine and no one who waits for it.</summary>
    private void LeaveIfIdle()
    {
        if (IsIdle) Context.Parent.Tell(new GatewayIdle());
    }

    private void OnStopIfIdle()
    {
        if (IsIdle) Context.Stop(Self);
        else Context.Parent.Tell(new GatewayStays());
    }

    private bool IsIdle => _supervisor is null && _openers.IsEmpty && _state.Published.Latest is null
        && Availability.Now is Availability.State.Absent or Availability.State.Stopped { IsOfJournal: true };

    private void OnFailing(EngineFailing failing)
    {
        Availability.Fail(failing.Reason);
        if (failing.IsFinal) StopForGood($"collection '{_name}' refuses to serve a state that it cannot prove: {failing.Reason}. {AdviceAfterDamage()}");
        // Recovering goes on after this answer, but an opener must not wait without knowing for what.
        else FailOpeners(Availability.Recovering);
    }

    private string AdviceAfterDamage() => _settings.DataDirectory is { } directory
        ? $"Nothing was changed. 'valori verify --data {directory}' lists what is damaged; restore a backup beside it and keep the damaged data"
        : "Nothing was changed. Restore a backup beside it and keep the damaged data";

    /// <summary>
    /// What is in memory cannot be trusted any more: nothing is answered from it. What is on disk is proven at the
    /// next start.
    /// </summary>
    private void OnInvariantBroken(Exception cause)
    {
        if (Availability.IsStoppedForGood) return;
        string report = DiagnosticFile.Write(_settings, _name, _state.Published.Latest, cause, _time.GetUtcNow());
        StopForGood($"collection '{_name}' stopped because an invariant of its code was broken: {cause.Message}. {report}. "
            + "What was acknowledged is in the journal; restart the process, and report this as a bug");
    }

    private void StopForGood(string reason, bool isOfJournal = false)
    {
        Availability.StopForGood(reason, isOfJournal);
        _log.Error("{0}", reason);
        FailOpeners(new EngineFailure(EngineFailureKind.Stopped, reason));
        if (_supervisor is not null) Context.Stop(_supervisor);
        else LeaveIfIdle();
    }

    /// <summary>
    /// A plugin that is stopped is not started again before the process is, and an engine would wait for its answer for ever.
    /// One that cannot reach its database does not stop: it tries again (<see cref="StorageCheck"/>).
    /// </summary>
    private void OnJournalGone()
    {
        if (Availability.IsLeaving) return;
        StopForGood($"collection '{_name}' has no journal: the plugin {_settings.JournalPluginId} stopped. "
            + "The log says why; correct its configuration and restart the process", isOfJournal: true);
    }

    private void OnEngineGone()
    {
        _engine = null;
        _progressLogged = _time.GetTimestamp();
        Availability.LoseEngine(_state.Published.Latest?.SequenceNr ?? 0);
        Gauges.RecoveryProgress = Availability.Recovered;
        FailTickets();
        ShowTickets();
    }

    private void OnSupervisorGone()
    {
        OnEngineGone();
        Availability.LoseSupervisor();
        if (Availability.IsLeaving)
        {
            StopSelf();
            return;
        }
        _supervisor = null;
        if (!Availability.IsStoppedForGood) Reopen();
        else LeaveIfIdle();
    }

    private void BeginStop()
    {
        Availability.Leave();
        if (_supervisor is null || Availability.IsStoppedForGood) StopSelf();
        else _supervisor.Tell(StopEngine.Instance);
    }

    private void StopSelf()
    {
        FailOpeners(Availability.Failure!);
        Context.Stop(Self);
    }

    /// <summary>
    /// The collection does not exist any more. What was acknowledged is gone with everything else, so it does not matter which of the
    /// commands that wait were carried out.
    /// </summary>
    private void OnDropped()
    {
        _queried.IsDropped = true;
        foreach (Ticket ticket in _tickets.TakeAll()) ticket.Tell(EngineDropped.RefusalOf(_name));
        LeaveOpenersToGuardian();
        Context.Stop(Self);
    }

    /// <summary>Those who wait to open a collection that is dropped wait until the drop has ended.</summary>
    private void LeaveOpenersToGuardian()
    {
        foreach ((IActorRef client, OpenEngine request) in _openers.TakeAll()) Context.Parent.Tell(request, client);
    }

    private void FailOpeners(EngineFailure failure)
    {
        foreach ((IActorRef client, _) in _openers.TakeAll()) client.Tell(failure);
    }
}
