using Valori.Kernel.Proximity;

namespace Valori.Actors.Settings;

/// <summary>The settings under <c>valori.index</c>.</summary>
/// <param name="MinimumRecords">Ids below which a collection gets no graph.</param>
/// <param name="GrowthPercent">By how much the ids must have grown since a graph for the next one.</param>
/// <param name="Threads">That build a graph.</param>
internal sealed record IndexSettings(IndexBuild Build, ulong MinimumRecords, ulong GrowthPercent, int Threads, ProximityParameters Parameters)
{
    /// <summary>
    /// The number of ids at which the newest graph is due that may be there, as a function of the number of ids now; 0 for none. Engines with the same
    /// journal build their graphs from the same states.
    /// </summary>
    public ulong DueAt(ulong ids)
    {
        if (ids < MinimumRecords) return 0;
        ulong due = MinimumRecords;
        for (ulong next; (next = After(due)) <= ids;) due = next;
        return due;
    }

    /// <summary>The number of ids at which the first graph is due after one that covers so many.</summary>
    public ulong NextDue(ulong covered) => DueAt(covered) is > 0 and var due ? After(due) : MinimumRecords;

    private ulong After(ulong due) => due + Math.Max(1, due * GrowthPercent / 100);
}
