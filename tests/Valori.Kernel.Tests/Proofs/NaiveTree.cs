namespace Valori.Kernel.Tests.Proofs;

/// <summary>
/// The tree, the paths and the consistency proofs of RFC 9162 as they are defined there, by recursion over slices of the leaves. A slice
/// D[first : first + count] is given by its two numbers, so that a test can have 2^64 - 1 leaves.
/// </summary>
/// <param name="leaf">The digest of leaf n.</param>
/// <param name="areAlike">Whether all leaves of a slice have one digest: then its root depends on its size alone.</param>
internal sealed class NaiveTree(Func<ulong, Digest> leaf, Func<ulong, ulong, bool>? areAlike = null)
{
    private static readonly HashContext Interior = new("Valori 2026-11-22 v1 merkle interior");

    private readonly Dictionary<(ulong First, ulong Count), Digest> _roots = [];

    /// <summary>A tree over these leaves; its methods may be asked about any number of the first of them.</summary>
    public static NaiveTree Over(IReadOnlyList<Digest> leaves) => new(index => leaves[(int)index]);

    /// <summary>A tree of which only some leaves differ from one digest.</summary>
    public static NaiveTree Sparse(Digest others, IReadOnlyDictionary<ulong, Digest> some) => new(
        index => some.GetValueOrDefault(index, others),
        (first, count) => !some.Keys.Any(key => key >= first && key - first < count));

    /// <summary>MTH(D_n), section 2.1.1.</summary>
    public Digest Root(ulong count) => count == 0 ? Digest.Zero : Root(0, count);

    /// <summary>PATH(m, D_n), section 2.1.3.1.</summary>
    public List<Digest> Path(ulong index, ulong count) => Path(index, 0, count);

    /// <summary>PROOF(m, D_n), section 2.1.4.1; empty for m = n.</summary>
    public List<Digest> Consistency(ulong from, ulong to) => Subproof(from, 0, to, true);

    public static Digest Combine(Digest left, Digest right) => Interior.Hash([.. left.ToArray(), .. right.ToArray()]);

    private Digest Root(ulong first, ulong count)
    {
        (ulong, ulong) key = areAlike?.Invoke(first, count) == true ? (ulong.MaxValue, count) : (first, count);
        if (_roots.TryGetValue(key, out Digest known)) return known;
        ulong k = Split(count);
        Digest root = count == 1 ? leaf(first) : Combine(Root(first, k), Root(first + k, count - k));
        _roots.Add(key, root);
        return root;
    }

    private List<Digest> Path(ulong index, ulong first, ulong count)
    {
        if (count == 1) return [];
        ulong k = Split(count);
        return index < k
            ? [.. Path(index, first, k), Root(first + k, count - k)]
            : [.. Path(index - k, first + k, count - k), Root(first, k)];
    }

    private List<Digest> Subproof(ulong from, ulong first, ulong count, bool isKnown)
    {
        if (from == count) return isKnown ? [] : [Root(first, count)];
        ulong k = Split(count);
        return from <= k
            ? [.. Subproof(from, first, k, isKnown), Root(first + k, count - k)]
            : [.. Subproof(from - k, first + k, count - k, false), Root(first, k)];
    }

    /// <summary>The largest power of two below the count.</summary>
    private static ulong Split(ulong count)
    {
        ulong k = 1;
        while (k < count - k) k *= 2;
        return k;
    }
}
