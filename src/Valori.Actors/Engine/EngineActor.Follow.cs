using Akka.Actor;
using Akka.Event;
using Valori.Actors.Entries;

namespace Valori.Actors.Engine;

/// <summary>
/// Following another engine. Its events are replayed as a recovery replays those of the journal, which proves that each leads to the state
/// hash and the chain value that it has, and are then written as they are. So journal, chain and hashes are equal, byte by byte.
/// </summary>
/// <remarks>Nothing is decided here meanwhile: no command, no expiry, no list of requests.</remarks>
internal sealed partial class EngineActor
{
    // What is smaller may be a deletion, which is needed to get room again.
    private const int SmallEventBytes = 1_024;

    private void Follow(long ticket, FollowEvents events)
    {
        if (!_follow.IsOn)
        {
            _gateway.Tell(new Answer(ticket, new Refusal(RefusalKind.Conflict, $"collection '{_name}' does not follow another one")));
            return;
        }
        object? answer = null;
        bool hasRequests = false;
        for (int i = 0; i < events.Records.Count && answer is null; i++)
        {
            long sequenceNr = events.From + i;
            JournalRecord record = events.Records[i];
            if (sequenceNr <= _state.SequenceNr)
            {
                answer = DifferenceFromOwn(sequenceNr, record);
            }
            else if (record.Payload.Length > SmallEventBytes && MemoryRefusal(record.Payload.Length) is { } full)
            {
                answer = full;
            }
            else
            {
                try
                {
                    hasRequests |= Take(sequenceNr, record) is RequestsKept;
                }
                catch (CorruptionException e)
                {
                    LeaveAt(ticket, new FollowedDifference(e.Position, e.Expected, e.Found));
                    return;
                }
            }
        }
        _next.Replies.Add((ticket, answer ?? _state.ReceiptFor(0, 0)));
        if (hasRequests) SaveAsFollowed();
        Flush();
    }

    private JournalEvent Take(long sequenceNr, JournalRecord record)
    {
        JournalEvent happened = _state.Replay(sequenceNr, record);
        _next.Records.Add(record);
        _next.Bytes += record.Payload.Length;
        if (CountsForSnapshots(happened)) _next.BytesForSnapshots += record.Payload.Length;
        return happened;
    }

    private FollowedDifference? DifferenceFromOwn(long sequenceNr, JournalRecord record)
    {
        EntryPlace.TryRead(record.Payload, out EntryPlace place);
        return !_state.History.KnowsChainOf(sequenceNr) || _state.History.ChainOf(sequenceNr) == place.Chain
            ? null
            : new FollowedDifference(sequenceNr, $"history chain {_state.History.ChainOf(sequenceNr)}", $"history chain {place.Chain}");
    }

    /// <summary>The private state holds an event that must not be in it: it is thrown away, as after a write that failed.</summary>
    private void LeaveAt(long ticket, FollowedDifference difference)
    {
        _log.Error("{0}: event {1} of the collection that is followed leads to {2} here, and to {3} there", PersistenceId, difference.SequenceNr, difference.Here, difference.There);
        _gateway.Tell(new Answer(ticket, difference));
        _gateway.Tell(new EngineFailing($"event {difference.SequenceNr} of the collection that it follows is not what it says", IsFinal: false));
        Context.Stop(Self);
    }

    /// <summary>
    /// The engine that is followed has written down its requests for a snapshot. This is the one place at which a snapshot can be taken here too: a
    /// recovery from it finds them.
    /// </summary>
    private void SaveAsFollowed()
    {
        if (_saving is not null || _published.Latest is not { IsInsideRestore: false } view || view.SequenceNr < _state.LastRestored || view.SequenceNr == _latestSnapshot) return;
        _saving = view;
        _bytesAtSave = _bytesSinceSnapshot;
        _savingWaiters.AddRange(_saveWaiters);
        _saveWaiters.Clear();
        _next.SaveThen = view;
    }

    /// <summary>Without the requests, a recovery from a snapshot would carry one of them out again.</summary>
    private bool MustWaitToSave()
    {
        if (!_follow.IsOn || _state.Requests.Count == 0) return false;
        foreach (long ticket in _saveWaiters)
        {
            _gateway.Tell(new Answer(ticket, new Refusal(RefusalKind.Conflict,
                $"collection '{_name}' follows another one, which has requests to remember: it saves a snapshot when that one does. Save one there")));
        }
        _saveWaiters.Clear();
        return true;
    }

    /// <summary>The first event is that of the engine that is followed.</summary>
    private void BeginAsFollowed(JournalRecord first)
    {
        _state.Replay(1, first);
        Persist(first, _ => GoOnline());
    }

    /// <summary>From here on, this is an engine of its own. What the one that was followed began and did not end is forgotten, as after a crash.</summary>
    private void OnFollowingEnded()
    {
        _log.Info("{0}: takes commands of its own after event {1}", PersistenceId, _state.SequenceNr);
        _state.DiscardStagedChunks();
        AwaitNextExpiry();
        SnapshotIfDue();
    }
}
