using Akka.Actor;
using Akka.Event;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Actors.Engine;

/// <summary>When memory is freed: in steps between commands, and the past goes when it is old enough (docs/adr/0019 in Valori's repository).</summary>
internal sealed partial class EngineActor
{
    // A round copies at least so much of vectors, if there is room for it.
    private const long LeastCopiedBytes = 16 << 20;

    // A round that would free less of what can be freed, one byte in so many, waits until there is more.
    private const int LeastFreedFraction = 3, LeastFreedFractionWhenShort = 16;

    private bool _saidThatThereIsNoRoom;

    // Reserved for the round.
    private long _freeingBytes;

    // All steps are done; a write is still in flight.
    private bool _freeingWaits;

    // What the storage held that nobody needs once a View on the new one is published.
    private long _freedBytes;

    private void FreeIfDue()
    {
        if (_settings.Past.ForgetAfter is null || _state.IsFreeing || _state.Older is not null || _isStopping) return;
        // What the last round took is counted until a View on the new storage is published.
        if (_freeingBytes > 0) return;
        ValoriKernel kernel = _state.Kernel;
        // What the last round left is held until it is collected: a round that can wait begins after that.
        long freeableBytes = MemoryCollection.IsAwaited ? kernel.FreeableBytes / 2 : kernel.FreeableBytes;
        if (!_settings.Past.IsWorthFreeing(freeableBytes, kernel.ApproximateMemoryBytes, _memory.IsShort)) return;
        if (_memory.RoomForRoundBytes is var room && kernel.BytesForFreeing > room)
        {
            if (_saidThatThereIsNoRoom) return;
            _saidThatThereIsNoRoom = true;
            _log.Warning("{0}: {1} bytes of deleted and replaced content cannot be freed: that takes {2} bytes for a moment, "
                + "and valori.max-memory-bytes leaves {3}. Delete more, raise the limit, or save a snapshot and start again",
                PersistenceId, kernel.FreeableBytes, kernel.BytesForFreeing, Math.Max(0, room));
            return;
        }
        if (!BeginsFreeing()) return;
        Self.Tell(FreeMemory.Instance);
    }

    private bool BeginsFreeing()
    {
        ValoriKernel kernel = _state.Kernel;
        bool isShort = _memory.IsShort;
        long room = _memory.RoomForRoundBytes - kernel.BytesForFreeing;
        if (room < 0) return false;
        // A quarter of the vectors at once, those of the sparsest slabs: the rest is copied by the next rounds, or need not be. Half of the
        // room is left to commands.
        long mostCopiedBytes = Math.Min(room / 2, Math.Max(LeastCopiedBytes, kernel.VectorBytes / 4));
        // Another engine may have begun a round meanwhile: this one tries again after its next group.
        if (!_memory.TryReserveRound(_name, kernel.BytesForFreeing + mostCopiedBytes)) return false;
        bool begins = kernel.BeginFreeing(mostCopiedBytes, leastFreedBytes: kernel.FreeableBytes / (isShort ? LeastFreedFractionWhenShort : LeastFreedFraction));
        ReserveForFreeing(begins ? kernel.BytesForFreeing + kernel.CopiedBytes : 0);
        return begins;
    }

    /// <summary>
    /// After an event was replayed whose state need not be reached any more than those before: a whole round at once, as there is nobody who
    /// waits for an answer.
    /// </summary>
    private void FreeWhileReplaying()
    {
        if (_settings.Past.ForgetAfter is not { } after || !_state.Exists) return;
        if (!_settings.Past.IsWorthFreeingAtReplay(_state.Kernel.FreeableBytes, _state.Kernel.ApproximateMemoryBytes)) return;
        if (_state.UnixMicroseconds > UnixMicroseconds() - (long)after.TotalMicroseconds || !BeginsFreeing()) return;
        while (!_state.Kernel.FreeStep())
        {
        }
        MemoryCollection.Request(_state.FinishFreeing(keepsOlder: false));
        ReserveForFreeing(0);
        CountMemory();
    }

    /// <summary>Steps come between commands: each waits behind those that came before it.</summary>
    private void FreeNext()
    {
        // A restore may have taken the place of what was being freed.
        if (!_state.IsFreeing)
        {
            ReserveForFreeing(0);
            return;
        }
        bool isReady = _state.Kernel.FreeStep();
        ReserveForFreeing(Math.Max(_freeingBytes, _state.Kernel.FreshBytes));
        if (!isReady)
        {
            Self.Tell(FreeMemory.Instance);
            return;
        }
        if (_inFlight is not null || !_next.IsEmpty || _state.HasOpenChanges)
        {
            // The next group's View may be the first on the new storage; if there is no next group, it is tried again after this one.
            _freeingWaits = true;
            return;
        }
        FinishFreeing();
        Publish(_state.TakeView());
    }

    /// <summary>Before the View of a group is taken.</summary>
    private void FinishFreeingIfReady()
    {
        if (_freeingWaits && _state.IsFreeing && _state.Kernel.FreeStep()) FinishFreeing();
    }

    /// <summary>After a group is durable.</summary>
    private void GoOnFreeing()
    {
        if (!_freeingWaits) FreeIfDue();
        else if (_state.IsFreeing) Self.Tell(FreeMemory.Instance);
        _freeingWaits = false;
    }

    private void FinishFreeing()
    {
        _freeingWaits = false;
        TimeSpan after = _settings.Past.ForgetAfter!.Value;
        _freedBytes += _state.FinishFreeing(keepsOlder: after > TimeSpan.Zero);
        if (after > TimeSpan.Zero) Timers.StartSingleTimer(nameof(ForgetOlder), ForgetOlder.Instance, after);
        _log.Debug("{0}: freed what was deleted or replaced up to sequence number {1}", PersistenceId, _state.SequenceNr);
    }

    private void ForgetOlderPast()
    {
        _freedBytes += _state.ForgetOlder();
        if (_published.Latest is { Older: not null } latest) Publish(latest with { MemoryBytes = _state.MemoryBytes });
        FreeIfDue();
    }

    /// <summary>After a View was published: the one before it may have been the last that needed the old storage.</summary>
    private void CollectWhatWasFreed()
    {
        if (_freedBytes == 0 || _published.Latest is not { } latest || latest.SequenceNr < _state.History.ReachSequenceNr) return;
        MemoryCollection.Request(_freedBytes);
        _freedBytes = 0;
    }

    /// <summary>What the round makes counts apart from what the engine takes (<see cref="EngineState.MemoryBytes"/>), from the beginning on.</summary>
    private void ReserveForFreeing(long bytes)
    {
        _freeingBytes = bytes;
        _memory.SetRound(_name, bytes);
    }

    /// <summary>What the next round takes, besides what the past returns before it begins.</summary>
    private void CountNeed() => _memory.SetNeed(_name, _settings.Past.ForgetAfter is null ? 0 : _state.Kernel.BytesForFreeing - _state.OlderBytes);

    /// <summary>A View that was taken before its past was forgotten goes back no further than the present one.</summary>
    private DurableView WithoutForgotten(DurableView view) => view.Older is null || _state.Older is not null
        ? view
        : view with { Older = null, ReachSequenceNr = Math.Max(view.ReachSequenceNr, Math.Min(_state.History.ReachSequenceNr, view.SequenceNr)) };
}
