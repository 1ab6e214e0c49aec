using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Search;

/// <summary>
/// The rows of one segment that a View shows, with the exact score of each as a cost (<see cref="TopHits"/>). What scoring a row needs is looked up once for
/// all of them: of 10,000 rows of 128 components here and there, a quarter of the time went into looking it up for each.
/// </summary>
internal readonly ref struct SegmentRows
{
    private readonly int _dimension;
    private readonly bool _isNarrow;
    private readonly bool _hasNarrowDistances;
    private readonly bool _isForDot;
    private readonly bool _hasDeletions;
    private readonly ref short _narrow;
    private readonly ref int _wide;
    private readonly ulong _firstId;
    private readonly uint[]? _ids;
    private readonly ulong? _tag;
    private readonly Filter? _filter;
    private readonly RowCondition? _condition;
    private readonly CancellationToken _stop;

    /// <param name="segment">Has every row that the View knows of, and maybe more by now.</param>
    /// <param name="block">The block, or one of those, that has the segment.</param>
    /// <param name="firstId">The record id of row 0, unless the segment is packed.</param>
    /// <param name="rows">Rows that the View knows of.</param>
    /// <param name="version">The View's.</param>
    /// <param name="filter">Rows that do not match it are passed over.</param>
    public SegmentRows(RecordSegment segment, int block, ulong firstId, int rows, ulong version, RowFilter filter)
    {
        Segment = segment;
        Block = block;
        Rows = rows;
        _dimension = segment.Dimension;
        _firstId = firstId;
        _ids = segment.Ids;
        Version = version;
        _tag = filter.Tag;
        _filter = filter.Rest;
        _condition = filter.Condition;
        _stop = filter.Stop;
        // What is deleted from now on is deleted after the View.
        _hasDeletions = segment.HasDeletions;
        // None if no row is live; then no row's vector is looked at. Taken once: a writer may widen the segment meanwhile.
        VectorColumn? vectors = segment.Vectors;
        _isNarrow = vectors?.Narrow is not null;
        _isForDot = segment.Schema.Metric == Metric.Dot;
        _hasNarrowDistances = _isNarrow && !_isForDot;
        if (vectors?.Narrow is { } narrow) _narrow = ref narrow.Reference;
        if (vectors?.Wide is { } wide) _wide = ref wide.Reference;
    }

    public RecordSegment Segment { get; }

    public int Block { get; }

    public int Rows { get; }

    /// <summary>The View's.</summary>
    public ulong Version { get; }

    /// <summary>Scores a row exactly and offers it, if it is live and matches the filter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int row, QueryVector query, TopHits best)
    {
        // Tag and tombstone first: they are a few bytes, the vector is hundreds.
        if (_tag is { } wanted && Segment.Tags[row] != wanted) return;
        if (_hasDeletions && !Segment.IsLive(row, Version)) return;
        // The filter's bytes lie elsewhere. While anything can be a hit, they are read before the vector, and later only for what would be one.
        bool isFirst = _filter is not null && !best.HasBound;
        if (isFirst && !Matches(row, best)) return;
        long cost = Cost(row, query);
        best.Scored++;
        if (cost <= best.WorstCost && (_filter is null || isFirst || Matches(row, best))) best.Offer(IdOf(row), cost);
    }

    /// <summary>Those of some rows that are live.</summary>
    /// <param name="room">For all of them.</param>
    public ReadOnlySpan<int> Live(ReadOnlySpan<int> rows, Span<int> room)
    {
        if (!_hasDeletions) return rows;
        int count = 0;
        foreach (int row in rows)
        {
            room[count] = row;
            count += Convert.ToInt32(Segment.IsLive(row, Version));
        }
        return room[..count];
    }

    /// <summary>As <see cref="Offer"/>, of a row that is live, and has the tag if one is asked for.</summary>
    /// <param name="matches">Whether the filter need not be asked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OfferLive(int row, bool matches, QueryVector query, TopHits best)
    {
        bool isFirst = !matches && !best.HasBound;
        if (isFirst && !Matches(row, best)) return;
        long cost = Cost(row, query);
        best.Scored++;
        if (cost <= best.WorstCost && (matches || isFirst || Matches(row, best))) best.Offer(IdOf(row), cost);
    }

    /// <summary>The record id of a row.</summary>
    public ulong IdOf(int row) => _ids is null ? _firstId + (ulong)row : _ids[row];

    /// <summary>Bytes of a vector.</summary>
    public int VectorBytes => _dimension * (_isNarrow ? sizeof(short) : sizeof(int));

    /// <summary>Asks memory for the norm of a row, if it will be read: narrow rows rarely need theirs.</summary>
    public void PrefetchNorm(int row)
    {
        if (!_isNarrow) Cache.Prefetch(ref Segment.SquaredNorms[row], sizeof(long));
    }

    /// <summary>Asks memory for what <see cref="Offer"/> will read of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row)
    {
        PrefetchNorm(row);
        Cache.Prefetch(AddressOf(row), VectorBytes);
    }

    /// <summary>Where the vector of a row is, for <see cref="Cache.Prefetch(nint, int)"/> and nothing else.</summary>
    public unsafe nint AddressOf(int row) => _isNarrow
        ? (nint)Unsafe.AsPointer(ref Unsafe.Add(ref _narrow, row * _dimension))
        : (nint)Unsafe.AsPointer(ref Unsafe.Add(ref _wide, row * _dimension));

    private bool Matches(int row, TopHits best)
    {
        _stop.ThrowIfCancellationRequested();
        Verdict verdict = Verdict.Maybe;
        if (_condition is not null && _condition.Judge(this, new ReadOnlySpan<int>(in row), new Span<Verdict>(ref verdict)) is not Verdict.Mixed and var known) verdict = known;
        if (verdict != Verdict.Maybe) return verdict == Verdict.Yes;
        best.Filtered++;
        PackedAttributes attributes = Segment.GetAttributes(row, Version);
        return _filter!.Matches(IdOf(row), Segment.Tags[row], attributes.Key, attributes.Fields);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Cost(int row, QueryVector query) =>
        _hasNarrowDistances && query.Narrow is { } narrow
            && NarrowDistance.TryGet(ref Unsafe.Add(ref _narrow, row * _dimension), ref MemoryMarshal.GetArrayDataReference(narrow), _dimension, out long distance)
            ? distance
            : CostByDotProduct(row, query);

    private long CostByDotProduct(int row, QueryVector query)
    {
        long dot;
        if (_isNarrow)
        {
            ReadOnlySpan<short> narrow = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _narrow, row * _dimension), _dimension);
            dot = query.Narrow is not null ? DotProduct.Narrow(narrow, query.Narrow) : DotProduct.Mixed(narrow, query.Wide);
        }
        else
        {
            dot = DotProduct.Wide(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _wide, row * _dimension), _dimension), query.Wide);
        }
        // Its magnitude is at most the product of the norms, below 2^61.
        if (_isForDot) return -dot;
        // |a - b|^2 = |a|^2 + |b|^2 - 2ab in wrapping 64-bit integers: exact, because the true value is below 2^63.
        return unchecked(Segment.SquaredNorms[row] + query.SquaredNorm - 2 * dot);
    }
}
