using Valori.Kernel;
using Valori.Kernel.Hashing;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Engine;

/// <summary>A View whose events are all durable, with its place in the history: what queries read and snapshots hold.</summary>
/// <param name="IsInsideRestore">
/// Whether chunks of a restore lie behind it and their end before it. No snapshot may be of such a place: the recovery from
/// it would find the end of a restore without its beginning.
/// </param>
internal sealed record DurableView(View View, long SequenceNr, long UnixMicroseconds, Digest Chain, bool IsInsideRestore)
{
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(UnixMicroseconds * TimeSpan.TicksPerMicrosecond);

    public SnapshotHeader ToSnapshotHeader() => new(SequenceNr, UnixMicroseconds, Chain, View.StateHash);
}

/// <summary>
/// Where the engine publishes and query actors read. One writer; a reader sees the newest published View, so whoever got
/// the reply to a command (sent after publishing) finds it in the next query.
/// </summary>
internal sealed class PublishedView
{
    private DurableView? _latest;

    /// <summary>Null until the engine has recovered for the first time.</summary>
    public DurableView? Latest
    {
        get => Volatile.Read(ref _latest);
        set => Volatile.Write(ref _latest, value);
    }
}
