using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>
/// How new tables take over the full segments of older ones: which are shared, and which blocks become packed segments together. Vectors of
/// many segments lie in one slab of memory, which lives as long as any of them, so the slabs are what is shared or left.
/// </summary>
internal sealed class FreshPlan
{
    // A slab is left when what is not live in it is more than one byte in so many. That includes its end, which no segment fits.
    private const int LeastDeadFraction = 5;

    // Rows that a packed segment is looked for in: a fraction of a millisecond.
    private const long MostRowsLookedAt = 1 << 18;

    private readonly int _dimension;
    private readonly List<Source> _sources;
    private readonly Dictionary<byte[], Slab> _slabs = [];

    /// <param name="from">The older tables.</param>
    /// <param name="view">Their newest state.</param>
    /// <param name="mostCopiedBytes">Vectors of so many bytes are copied at most: those of the sparsest slabs.</param>
    public FreshPlan(RecordTable from, View view, long mostCopiedBytes)
    {
        _dimension = from.Dimension;
        _sources = SourcesOf(from, view.RecordSlots);
        foreach (Source source in _sources)
        {
            foreach ((byte[] memory, long bytes) in source.Memory)
            {
                if (!_slabs.TryGetValue(memory, out Slab? slab)) _slabs.Add(memory, slab = new Slab(memory.Length));
                slab.LiveBytes += bytes * source.Live / source.Segment.Capacity;
            }
        }
        Share(mostCopiedBytes);
        Parts = Joined();
    }

    /// <summary>Neighbours that are not shared are together, as many as a segment takes.</summary>
    public IReadOnlyList<Part> Parts { get; }

    /// <summary>Vectors, coarse forms and what lies beside them in columns, which are copied.</summary>
    public long CopiedBytes => _sources.Sum(source => source.CopiedBytes);

    /// <summary>What is not live in the memory that is shared: it is held further.</summary>
    public long DeadBytes
    {
        get
        {
            Dictionary<byte[], long> dead = [];
            long columns = 0;
            foreach (Source source in _sources.Where(source => source.IsShared))
            {
                columns += (long)source.DeadRows * RecordSegment.BytesBesideVectors;
                foreach ((byte[] memory, long bytes) in source.Memory)
                    dead[memory] = dead.GetValueOrDefault(memory, memory.Length) - bytes * source.Live / source.Segment.Capacity;
            }
            return columns + dead.Values.Sum();
        }
    }

    /// <summary>The segments of all blocks that are full.</summary>
    private static List<Source> SourcesOf(RecordTable from, ulong slots)
    {
        List<Source> sources = [];
        int full = (int)(slots / (ulong)from.RowsPerSegment);
        for (int block = 0; block < full; block++)
        {
            RecordSegment segment = from.Segment(block);
            if (from.SharesSegmentWithPrevious(block)) sources[^1].Blocks++;
            else sources.Add(new Source(segment, block) { Blocks = 1, Live = segment.CountLive(segment.Capacity) });
        }
        return sources;
    }

    private void Share(long mostCopiedBytes)
    {
        foreach (Source source in _sources) source.IsShared = source.Live > 0 && source.Memory.All(part => _slabs[part.Memory].IsDense);
        // From the densest on, what there is no room to copy is shared too.
        long copied = CopiedBytes;
        foreach (Source source in _sources.Where(source => !source.IsShared && source.Live > 0).OrderByDescending(source => source.Memory.Max(part => _slabs[part.Memory].Density)))
        {
            if (copied <= mostCopiedBytes) break;
            copied -= source.CopiedBytes;
            source.IsShared = true;
        }
    }

    private List<Part> Joined()
    {
        List<Part> parts = [];
        int rows = 0, most = RecordSegment.MaximumPackedRows(_dimension);
        long lookedAt = 0;
        foreach (Source source in _sources)
        {
            lookedAt += source.Rows;
            if (!source.IsShared && parts.Count > 0 && parts[^1] is { Way: PartWay.Pack } last && rows + source.Live <= most && lookedAt <= MostRowsLookedAt)
            {
                parts[^1] = last with { Blocks = last.Blocks + source.Blocks };
                rows += source.Live;
                continue;
            }
            // A segment without dead rows has no room for the row that is dead for all.
            PartWay way = source.IsShared ? PartWay.Share : source.Live > most ? PartWay.Copy : PartWay.Pack;
            parts.Add(new Part(source.Block, source.Blocks, way));
            (rows, lookedAt) = (source.Live, source.Rows);
        }
        return parts;
    }

    /// <summary>How blocks get their segment.</summary>
    internal enum PartWay
    {
        Share,
        Copy,
        Pack,
    }

    /// <summary>Blocks that get a segment.</summary>
    internal readonly record struct Part(int Block, int Blocks, PartWay Way);

    /// <summary>Memory that several segments lie in.</summary>
    private sealed class Slab(long bytes)
    {
        public long LiveBytes { get; set; }

        public double Density => (double)LiveBytes / bytes;

        public bool IsDense => bytes - LiveBytes <= bytes / LeastDeadFraction;
    }

    /// <summary>A segment of the older tables.</summary>
    private sealed class Source(RecordSegment segment, int block)
    {
        public RecordSegment Segment => segment;

        public int Block => block;

        public int Blocks { get; set; }

        public int Live { get; init; }

        public bool IsShared { get; set; }

        public int Rows => segment.Ids?.Length ?? segment.Capacity;

        public int DeadRows => Rows - Live;

        public IReadOnlyList<(byte[] Memory, long Bytes)> Memory { get; } = [.. segment.SharedMemory()];

        public long CopiedBytes => IsShared ? 0 : segment.ColumnBytes / segment.Capacity * Live;
    }
}
