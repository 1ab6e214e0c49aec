using System.Diagnostics;

namespace Valori.Kernel.Search;

/// <summary>
/// The best hits seen so far in a bounded heap, worst on top. The order is total, (score, id), so neither the order of
/// offers nor the shape of the heap can change which hits remain.
/// </summary>
internal sealed class TopHits(int capacity)
{
    private readonly SearchHit[] _heap = new SearchHit[capacity];
    private int _count;

    public int Capacity => _heap.Length;

    /// <summary>Whether a further hit has to beat one that is there.</summary>
    public bool IsFull => _count == _heap.Length;

    /// <summary>A score above this cannot enter; an equal one can, if its id is lower than the worst hit's.</summary>
    public long WorstScore { get; private set; } = long.MaxValue;

    public void Offer(ulong id, long score)
    {
        SearchHit hit = new(new RecordId(id), score);
        if (_count < _heap.Length)
        {
            _heap[_count] = hit;
            SiftUp(_count++);
            if (_count == _heap.Length) WorstScore = _heap[0].Score;
        }
        else if (IsWorse(_heap[0], hit))
        {
            _heap[0] = hit;
            SiftDown();
            WorstScore = _heap[0].Score;
        }
    }

    /// <summary>Offers all hits of another share of the same search.</summary>
    public void Merge(TopHits other)
    {
        foreach (SearchHit hit in other._heap.AsSpan(0, other._count)) Offer(hit.Id.Value, hit.Score);
    }

    /// <summary>The hits, best first. Leaves the heap unusable for further offers.</summary>
    public SearchHit[] ToSorted()
    {
        SearchHit[] hits = _count == _heap.Length ? _heap : _heap[.._count];
        Array.Sort(hits, static (a, b) => IsWorse(a, b) ? 1 : IsWorse(b, a) ? -1 : 0);
        return hits;
    }

    private static bool IsWorse(in SearchHit a, in SearchHit b) =>
        a.Score != b.Score ? a.Score > b.Score : a.Id.Value > b.Id.Value;

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

    private void SiftDown()
    {
        Debug.Assert(_count == _heap.Length);
        int parent = 0;
        while (true)
        {
            int worst = parent, left = 2 * parent + 1, right = left + 1;
            if (left < _count && IsWorse(_heap[left], _heap[worst])) worst = left;
            if (right < _count && IsWorse(_heap[right], _heap[worst])) worst = right;
            if (worst == parent) return;
            (_heap[parent], _heap[worst]) = (_heap[worst], _heap[parent]);
            parent = worst;
        }
    }
}
