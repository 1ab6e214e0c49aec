using System.Diagnostics;
using Valori.Actors.Telemetry;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.State;

/// <summary>A View whose events are all durable, with its place in the history: what queries read and snapshots hold.</summary>
/// <param name="History">Shared with the engine, which goes on extending it: to be read up to <paramref name="SequenceNr"/>.</param>
/// <param name="ReachSequenceNr">The first event whose state can still be looked up.</param>
/// <param name="MemoryBytes">About what the engine takes of memory, all of its past included.</param>
/// <param name="IsInsideRestore">
/// Whether chunks of a restore lie after it and their end before it. No snapshot may be of such a place: the recovery from
/// it would find the end of a restore without its beginning.
/// </param>
/// <param name="Older">The last state on the storage before this one's: earlier states are read from there. Null if they are out of reach, or none was freed.</param>
internal sealed record DurableView(
    View View, History History, long SequenceNr, long UnixMicroseconds, Digest Chain, long ReachSequenceNr, long MemoryBytes, bool IsInsideRestore,
    DurableView? Older = null)
{
    // That valori.as-of-retention may have.
    private const int MaximumRetentionDays = 36_500;

    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(UnixMicroseconds * TimeSpan.TicksPerMicrosecond);

    public HistoryPlace Place => new(SequenceNr, UnixMicroseconds, View.StateHash, Chain, History.RootAt(SequenceNr));

    /// <summary>The state after an earlier event, or this one; refused if it is not there yet, or out of reach.</summary>
    /// <param name="now">Microseconds of the Unix epoch: what is later has not been decided yet.</param>
    public Outcome<DurableView> At(AsOf asOf, long now) => asOf switch
    {
        AsOf.AtSequenceNr(var sequenceNr) => At(sequenceNr),
        AsOf.AtTime(var time) when time > now =>
            new Refusal(RefusalKind.InvalidArgument, $"{Iso8601.Format(time)} is in the future: the clock of the collection says {Iso8601.Format(now)}"),
        AsOf.AtTime(var time) => History.LastAt(time, ReachSequenceNr, SequenceNr) is { } sequenceNr
            ? At(sequenceNr)
            : BeforeReach(time, now),
        AsOf.AtStateHash(var hash) => (View.FindVersion(hash) ?? Older?.View.FindVersion(hash)) is { } version
            ? At(History.LastOfVersion(version, ReachSequenceNr, SequenceNr)!.Value)
            : OutOfReach($"a state with the state hash {hash}"),
        _ => throw new ArgumentException($"unknown {asOf.GetType().Name}"),
    };

    private Outcome<DurableView> At(long sequenceNr)
    {
        if (sequenceNr < 1) return new Refusal(RefusalKind.InvalidArgument, $"as_of is {sequenceNr}; a sequence number is at least 1, the event that created the collection");
        if (sequenceNr > SequenceNr)
            return new Refusal(RefusalKind.NotFound, $"event {sequenceNr} does not exist yet: the last event is {SequenceNr}");
        if (sequenceNr < ReachSequenceNr) return OutOfReach($"the state after event {sequenceNr}");
        if (Older is { } older && sequenceNr < older.SequenceNr) return older.At(sequenceNr);
        return this with
        {
            View = View.AsOf(History.VersionOf(sequenceNr)),
            SequenceNr = sequenceNr,
            UnixMicroseconds = History.TimeOf(sequenceNr),
            Chain = History.ChainOf(sequenceNr),
        };
    }

    private Refusal BeforeReach(long time, long now)
    {
        if (History.FirstSequenceNr == 1 && time < History.TimeOf(1))
            return new(RefusalKind.OutOfReach, $"the collection did not exist yet at {Iso8601.Format(time)}: event 1 of {Iso8601.Format(History.TimeOf(1))} created it");
        // A day more than its age, as it is older at the restart.
        long days = Math.Min((now - time) / (TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond) + 2, MaximumRetentionDays);
        return OutOfReach($"the state at {Iso8601.Format(time)}", FormattableString.Invariant($"{days}d"));
    }

    /// <param name="age">What setting would reach it, as far as that is known.</param>
    private Refusal OutOfReach(string what, string age = "the age of that state") => new(RefusalKind.OutOfReach,
        $"{what} is out of reach: this collection reaches back to event {ReachSequenceNr} of {Iso8601.Format(History.TimeOf(ReachSequenceNr))}{Remedy(age)}");

    private string Remedy(string age)
    {
        if (ReachSequenceNr == 1) return ", its first";
        if (ReachSequenceNr > History.FirstSequenceNr) return ". What was before is freed after valori.past.forget-after, or was replaced by a restore";
        return $", the snapshot that it was started from. If valori.journal-retention is \"all\", the journal has the events before: set valori.as-of-retention to at least {age} and restart";
    }

    public SnapshotHeader ToSnapshotHeader() => new(SequenceNr, UnixMicroseconds, Chain, View.StateHash, History.FrontierAt(SequenceNr));
}

/// <summary>
/// Where the engine publishes and query actors read. One writer; a reader sees the newest published View, so a caller that got
/// the reply to a command (sent after publishing) finds it in the next query.
/// </summary>
/// <param name="name">The collection's.</param>
internal sealed class PublishedView(string name = "")
{
    private DurableView? _latest;

    /// <summary>What gateway and engine tell of themselves, for meters.</summary>
    public EngineGauges Gauges { get; } = new(name);

    // Of those who wait for the next one; null if there are none.
    private TaskCompletionSource? _changed;

    /// <summary>Null until the engine has recovered for the first time.</summary>
    public DurableView? Latest
    {
        get => Volatile.Read(ref _latest);
        set
        {
            Volatile.Write(ref _latest, value);
            if (value is not null) Gauges.Records = value.View.RecordCount;
            // Also a fence: who was not seen to wait here sees the new one.
            Interlocked.Exchange(ref _changed, null)?.TrySetResult();
        }
    }

    /// <summary>Waits until an event is there. False if it is not there in time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<bool> WaitForAsync(long sequenceNr, TimeSpan patience, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            TaskCompletionSource created = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource changed = Interlocked.CompareExchange(ref _changed, created, null) ?? created;
            if (Latest is { } latest && latest.SequenceNr >= sequenceNr) return true;
            TimeSpan left = patience - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return false;
            try
            {
                await changed.Task.WaitAsync(left, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }
}
