using Valori.Kernel;

namespace Valori.Actors.Settings;

/// <summary>
/// When a snapshot is worth its writing. By itself when the journal after the last one has grown by a fraction of the state:
/// then all snapshots together write a constant multiple of what the journal wrote, however large the state gets. At a stop
/// when the next start saves more than the snapshot costs.
/// </summary>
/// <param name="leastJournalBytes">Below it a recovery is short anyway.</param>
/// <param name="fraction">Of the state's size.</param>
internal sealed class SnapshotPolicy(long leastJournalBytes, double fraction)
{
    // Replaying an event takes about four times as long as reading the same bytes of a snapshot.
    private const double WorthwhileAtStop = 0.25;

    public bool IsDue(long journalBytes, View view) => journalBytes >= Math.Max(leastJournalBytes, fraction * view.ApproximateSnapshotBytes);

    public bool IsWorthwhileAtStop(long journalBytes, View view) =>
        journalBytes >= WorthwhileAtStop * Math.Max(leastJournalBytes, view.ApproximateSnapshotBytes);
}
