using Valori.Kernel.Search;

namespace Valori.Kernel.Proximity;

/// <summary>
/// The live records of a View that match a filter, found among those that can: each is asked once, when a walk comes to it. So a walk depends on what
/// matches, and not on what else an index lists. For one thread.
/// </summary>
/// <param name="candidates">Below the graph's boundary, all that match and maybe others, which are removed as they are found.</param>
internal sealed class MatchingRecords(ViewRecords records, Filter filter, RecordBitmap candidates)
{
    private readonly RecordBitmap _known = new(candidates.Ids);

    public bool this[uint id]
    {
        get
        {
            if (!candidates[id]) return false;
            if (_known[id]) return true;
            // A View of before knows fewer records than the graph.
            if (id < records.Slots && records.Matches(filter, new RecordId(id)))
            {
                _known.Add(id);
                return true;
            }
            candidates.Remove(id);
            return false;
        }
    }
}
