using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

// An engine that follows another one.
internal sealed partial class EngineGateway
{
    /// <summary>From before the engine is there: it must not decide anything of its own at its start either.</summary>
    private void Follow(OpenEngine open, JournalRecord? beginning)
    {
        _state.Follow.Begin(beginning);
        Open(open);
    }

    private void OnStopFollowing()
    {
        _state.Follow.End();
        _engine?.Tell(new StopFollowing());
        Sender.Tell(new FollowingStopped());
    }

    /// <summary>Why a request is not taken, or null. Queries and snapshots are as in any other engine.</summary>
    private Refusal? RefuseWhileFollowing(object request) => !_state.Follow.IsOn || request is FollowEvents or SaveSnapshot
        ? null
        : new Refusal(RefusalKind.Conflict,
            $"collection '{_name}' follows another one, and takes no changes of its own: send them to that one, or let this one stop following (ValoriFollower.TakeOverAsync)");
}
