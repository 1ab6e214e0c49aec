using Akka.Actor;
using Akka.Event;
using Valori.Actors.Protocol;
using Valori.Actors.Text;

namespace Valori.Actors.Gateway;

// What happens when something fails: below the gateway, or in it.
internal sealed partial class EngineGateway
{
    /// <summary>
    /// Whatever fails below stops. The engine comes back under its backoff supervisor, an upload has told its client, and a storage
    /// check its gateway.
    /// </summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>The gateway has failed: whoever waits is answered, what is below stops, and a new instance takes its place and its address.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        _lastFault = $"its gateway failed: {Describe.Fault(reason)}";
        _log.Error(reason, "engine '{0}': its gateway failed; it recovers from its journal", _name);
        FailTickets();
        FailOpeners(Unavailable() ?? Recovering());
        base.PreRestart(reason, message);
    }

    /// <summary>Clients hold the address: the engine must come back without being asked for.</summary>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        if (_state.IsStopping) Context.Stop(Self);
        else if (_state.StoppedForGood is null) Reopen();
    }

    private void Reopen() => Self.Tell(new OpenEngine(_name, Create: false), ActorRefs.NoSender);

    /// <summary>Answers those whose commands the engine has taken, and not answered.</summary>
    private void FailTickets()
    {
        if (_tickets.Count == 0) return;
        string why = _lastFault ?? "the collection stopped";
        EngineFailure failure = new(EngineFailureKind.OutcomeUnknown,
            $"{why}; the outcome is unknown: the command may or may not have been carried out. The collection recovers from its journal; look before trying again");
        foreach (Ticket ticket in _tickets.Values) ticket.Tell(failure);
        _tickets.Clear();
        _bytesInFlight = 0;
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

    private bool IsIdle => _supervisor is null && !_isChecking && _openers.Count == 0
        && _state.Published.Latest is null && (_state.StoppedForGood is null || _hasNoJournal);
}
