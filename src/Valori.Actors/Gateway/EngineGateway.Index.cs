using Akka.Actor;
using Valori.Actors.Indexes;

namespace Valori.Actors.Gateway;

// The proximity graph of the collection: the actor that keeps it, and what it offers to searches.
internal sealed partial class EngineGateway
{
    private IActorRef? _index;
    private bool _isLooking;
    private ulong _lookAgainAt = ulong.MaxValue;

    /// <summary>The engine has recovered: with another kernel, if it is not the first time.</summary>
    private void StartIndex()
    {
        if (_index is null)
        {
            IndexPace pace = new(_state.Published, () => _lanes.IsBusy, _time);
            _index = Context.Watch(Context.ActorOf(Props.Create(() => new IndexActor(_name, _state.Published, _settings, _memory, pace))));
        }
        _isLooking = true;
        _index.Tell(LookAtCollection.Instance);
    }

    private void AskIndex(object message)
    {
        if (Availability.Failure is { } failure)
        {
            Sender.Tell(failure);
            return;
        }
        if (_index is null) StartIndex();
        _index!.Forward(message);
    }

    private void WantIndex()
    {
        if (Availability.Failure is not null) return;
        if (_index is null) StartIndex();
        _index!.Tell(IndexWanted.Instance);
    }

    /// <summary>After a write: it may have brought as many records as the next graph is due at, or a restore another kernel.</summary>
    private void LookAtIndex()
    {
        if (_index is null || _isLooking || _state.Published.Latest is not { View: { } view }) return;
        if (view.RecordSlots < _lookAgainAt && _queried.Index.Served?.Serves(view) != false) return;
        _isLooking = true;
        _index.Tell(LookAtCollection.Instance);
    }

    private void OnIndexOffered(IndexOffered offered)
    {
        _isLooking = false;
        _lookAgainAt = offered.LookAgainAt;
        _queried.Index = offered.Offer;
        LookAtIndex();
    }

    /// <summary>It has failed, by a bug. Searches are exact, and the next one that wants a graph starts it again.</summary>
    private void OnIndexGone()
    {
        _index = null;
        _isLooking = false;
        _queried.Index = IndexOffer.None;
    }
}
