namespace Valori.Kernel.Search;

/// <summary>
/// The best hits seen so far in a bounded heap, worst on top. The order is total, (cost, id), so neither the order of
/// offers nor the shape of the heap can change which hits remain. A cost is a score, negated if the largest score is the best.
/// </summary>
/// <param name="costLimit">No hit costs more.</param>
internal sealed class TopHits(int capacity, long costLimit)
{
    private const int FewHits = 256;

    private readonly Found[] _heap = new Found[capacity];
    private readonly long _costLimit = costLimit;
    private int _count;

    public int Capacity => _heap.Length;

    /// <summary>Whether <see cref="WorstCost"/> keeps anything out: there is a limit, or a further hit has to beat one that is there.</summary>
    public bool HasBound => WorstCost < long.MaxValue;

    /// <summary>What costs more cannot enter; what costs the same can, if its id is lower than the worst hit's.</summary>
    public long WorstCost { get; private set; } = costLimit;

    /// <summary>Rows whose score was computed so far.</summary>
    public ulong Scored { get; set; }

    /// <summary>Rows that the filter looked at so far.</summary>
    public ulong Filtered { get; set; }

    /// <summary>The hits so far, in no order.</summary>
    public ReadOnlySpan<Found> All => _heap.AsSpan(0, _count);

    /// <param name="cost">Not above <see cref="WorstCost"/>.</param>
    public void Offer(ulong id, long cost)
    {
        Found hit = new(id, cost);
        if (_count < _heap.Length)
        {
            _heap[_count] = hit;
            SiftUp(_count++);
            if (_count == _heap.Length) WorstCost = _heap[0].Cost;
        }
        else if (IsWorse(_heap[0], hit))
        {
            _heap[0] = hit;
            SiftDown(_count);
            WorstCost = _heap[0].Cost;
        }
    }

    /// <summary>Offers all hits of another share of the same search.</summary>
    public void Merge(TopHits other)
    {
        foreach (Found hit in other.All) Offer(hit.Id, hit.Cost);
    }

    /// <summary>Adds what another share read.</summary>
    public void AddCounts(TopHits other)
    {
        Scored += other.Scored;
        Filtered += other.Filtered;
    }

    /// <summary>The hits, best first. Leaves the heap unusable for further offers.</summary>
    public Found[] ToSorted()
    {
        // A heap is sorted by taking the worst off its top, again and again. For few hits that is faster than a sort that asks a delegate.
        if (_count <= FewHits)
        {
            for (int last = _count - 1; last > 0; last--)
            {
                (_heap[0], _heap[last]) = (_heap[last], _heap[0]);
                SiftDown(last);
            }
            return _count == _heap.Length ? _heap : _heap[.._count];
        }
        Found[] hits = _count == _heap.Length ? _heap : _heap[.._count];
        Array.Sort(hits, static (a, b) => IsWorse(a, b) ? 1 : IsWorse(b, a) ? -1 : 0);
        return hits;
    }

    /// <summary>The hits after the first ones, best first. Leaves the heap unusable for further offers.</summary>
    /// <param name="slots">All ids are below it.</param>
    public SearchHit[] ToHits(int offset, ulong slots, ScoreUnit unit)
    {
        Found[] found = ToSorted();
        SearchHit[] hits = new SearchHit[Math.Max(0, found.Length - offset)];
        for (int i = offset; i < found.Length; i++)
        {
            (ulong id, long cost) = found[i];
            Invariant.Holds((unit.LargestFirst || cost >= 0) && cost <= _costLimit && id < slots);
            Invariant.Holds(i == 0 || (found[i - 1].Cost, found[i - 1].Id).CompareTo((cost, id)) < 0);
            hits[i - offset] = new SearchHit(new RecordId(id), unit.LargestFirst ? -cost : cost) { Unit = unit };
        }
        return hits;
    }

    private static bool IsWorse(in Found a, in Found b) => a.Cost != b.Cost ? a.Cost > b.Cost : a.Id > b.Id;

    private void SiftUp(int child)
    {
        while (child > 0)
        {
            int parent = (child - 1) / 2;
            if (!IsWorse(_heap[child], _heap[parent])) return;
            (_heap[child], _heap[parent]) = (_heap[parent], _heap[child]);
            child = parent;
        }
    }

    private void SiftDown(int count)
    {
        int parent = 0;
        while (true)
        {
            int worst = parent, left = 2 * parent + 1, right = left + 1;
            if (left < count && IsWorse(_heap[left], _heap[worst])) worst = left;
            if (right < count && IsWorse(_heap[right], _heap[worst])) worst = right;
            if (worst == parent) return;
            (_heap[parent], _heap[worst]) = (_heap[worst], _heap[parent]);
            parent = worst;
        }
    }

    /// <summary>A record and what it costs.</summary>
    public readonly record struct Found(ulong Id, long Cost);
}
