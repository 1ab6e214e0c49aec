using Valori.Kernel.Memory;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Proximity;

/// <summary>How a graph is built, which does not change it.</summary>
/// <param name="Threads">At least 1.</param>
/// <param name="Progress">Gets the number of vertices that have their neighbours.</param>
/// <param name="BeforePiece">Called by each thread before each piece of some milliseconds of work; it may take its time.</param>
internal sealed record ProximityBuildOptions(int Threads, IProgress<long>? Progress = null, Action? BeforePiece = null);

/// <summary>
/// Builds a graph in batches (Vamana, as ParlayANN does it): each vertex of a batch searches the graph as it stood before the batch, and takes
/// the best of what it finds for neighbours. These get it for a neighbour in turn, target by target. So threads share the work of a
/// batch, and none of them can change what another one finds.
/// </summary>
internal sealed unsafe class ProximityBuilder
{
    // Vertices of a batch: one in so many of all, and no more than there are already.
    private const int BatchFraction = 50;
    private const int LeastBatch = 64;

    // Vertices of a piece of work: some milliseconds.
    private const int PieceVertices = 64;
    private const int PieceTargets = 256;

    private readonly ProximityGraph _graph;
    private readonly ProximityBuildOptions _options;
    private readonly CancellationToken _stop;
    private readonly int _degree;

    // While it is built, a vertex has up to so many neighbours before they are pruned.
    private readonly int _slots;
    private readonly LargeMemory _lists;
    private readonly int[] _degrees;
    private readonly int[] _firstSource;
    private readonly BeamWalk[] _walks;
    private readonly NeighbourPruner[] _pruners;

    // The graph as it was at some sizes: entries for searches. The last one becomes the upper level.
    private LargeMemory? _entry;
    private int _entryCount;
    private LargeMemory? _nextEntry;
    private int _nextEntryCount;

    private ProximityBuilder(ProximityGraph graph, ProximityBuildOptions options, CancellationToken stop)
    {
        _graph = graph;
        _options = options;
        _stop = stop;
        _degree = graph.Parameters.Degree;
        _slots = SlotsOf(_degree);
        _lists = new LargeMemory((long)graph.Count * _slots * sizeof(uint));
        _degrees = new int[graph.Count];
        _firstSource = new int[graph.Count + 1];
        _walks = [.. Enumerable.Range(0, options.Threads).Select(_ => new BeamWalk())];
        _pruners = [.. Enumerable.Range(0, options.Threads).Select(_ => new NeighbourPruner(graph))];
    }

    /// <summary>1.3 times the degree, rounded up.</summary>
    public static int SlotsOf(int degree) => (13 * degree + 9) / 10;

    /// <summary>The graph of the records that are live.</summary>
    /// <param name="stateHash">Of the records' state: the graph is named by it.</param>
    public static ProximityGraph Build(ViewRecords records, Digest stateHash, ProximityParameters parameters, ProximityBuildOptions options, CancellationToken stop)
    {
        if (parameters.Check() is { } refusal) throw new ArgumentOutOfRangeException(nameof(parameters), refusal.Message);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        uint[] ids = ShuffledIds(records);
        ProximityGraph graph = Encode(records, stateHash, parameters, ids, options, stop);
        if (ids.Length > 0) new ProximityBuilder(graph, options, stop).Connect();
        graph.Digest = ProximityFile.DigestOf(graph);
        graph.Calibration = RecallCalibration.Of(graph, stop);
        GC.KeepAlive(graph);
        return graph;
    }

    /// <summary>
    /// The ids of the live records in an order that looks like chance and is a function of the ids: the first vertices, which all searches
    /// begin at, are then a sample of all, whatever the order in which records came.
    /// </summary>
    private static uint[] ShuffledIds(ViewRecords records)
    {
        List<uint> live = [];
        for (int block = 0; block < records.Blocks; block++)
        {
            if (records.Table.SharesSegmentWithPrevious(block)) continue;
            SegmentRows rows = records.RowsOf(block, RowFilter.None);
            for (int row = 0; row < rows.Rows; row++)
            {
                if (rows.Segment.IsLive(row, records.Version)) live.Add((uint)rows.IdOf(row));
            }
        }
        ProximityGraph.CheckCount((ulong)live.Count);
        uint[] ids = [.. live];
        ulong[] order = Array.ConvertAll(ids, id => Mixed(id));
        Array.Sort(order, ids);
        return ids;
    }

    /// <summary>The output of splitmix64 for a state: no two states have the same.</summary>
    public static ulong Mixed(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ProximityGraph Encode(ViewRecords records, Digest stateHash, ProximityParameters parameters, uint[] ids, ProximityBuildOptions options, CancellationToken stop)
    {
        EngineSchema schema = records.Table.Schema;
        long largest = 0;
        if (schema.Metric == Metric.Dot)
        {
            foreach (uint id in ids) largest = Math.Max(largest, records.Table.Find(new RecordId(id), out int row).SquaredNorms[row]);
        }
        int components = CodeScale.ComponentsOf(schema);
        CodeScale scale = CodeScale.Fit(components, ids.Length, largest, (vertex, raw) => CopyRow(records, ids[vertex], raw, largest));
        ProximityGraph graph = new(schema, parameters, records.Slots, stateHash, scale, ids.Length);
        ids.CopyTo(graph.Ids, 0);
        InPieces(ids.Length, 1_024, options, stop, (_, first, end) =>
        {
            int[] raw = new int[components];
            for (int vertex = first; vertex < end; vertex++)
            {
                CopyRow(records, ids[vertex], raw, largest);
                scale.Encode(raw, graph.CodeSpan(vertex));
                graph.Neighbours(vertex).Fill(ProximityGraph.NoVertex);
            }
        });
        return graph;
    }

    /// <summary>Whether each vertex whose record is live has the codes of its record. O(records * dimension).</summary>
    public static bool HasCodesOf(ProximityGraph graph, ViewRecords records)
    {
        int[] raw = new int[graph.Scale.Components];
        byte[] codes = new byte[graph.CodeBytes];
        for (int vertex = 0; vertex < graph.Count; vertex++)
        {
            uint id = graph.Ids[vertex];
            RecordSegment segment = records.Table.Find(new RecordId(id), out int row);
            if (!segment.IsLive(row, records.Version)) continue;
            if (graph.Schema.Metric == Metric.Dot && segment.SquaredNorms[row] > graph.Scale.LargestSquaredNorm) return false;
            CopyRow(records, id, raw, graph.Scale.LargestSquaredNorm);
            graph.Scale.Encode(raw, codes);
            if (!graph.CodeSpan(vertex).SequenceEqual(codes)) return false;
        }
        return true;
    }

    /// <summary>About what building a graph takes of memory, the graph included.</summary>
    public static long BytesFor(EngineSchema schema, ProximityParameters parameters, ulong records)
    {
        long ofVertex = ProximityGraph.StrideOf(CodeScale.BytesOf(CodeScale.ComponentsOf(schema)), parameters.Degree) + sizeof(uint);
        return (long)records * (ofVertex + SlotsOf(parameters.Degree) * sizeof(uint) + 2 * sizeof(int) + sizeof(ulong));
    }

    private static void CopyRow(ViewRecords records, uint id, int[] raw, long largestSquaredNorm)
    {
        RecordSegment segment = records.Table.Find(new RecordId(id), out int row);
        int dimension = segment.Dimension;
        segment.Vectors!.CopyRow(row, dimension, raw);
        if (raw.Length > dimension) raw[dimension] = CodeScale.Complement(largestSquaredNorm, segment.SquaredNorms[row]);
    }

    private void Connect()
    {
        int count = _graph.Count, most = Math.Max(LeastBatch, (count + BatchFraction - 1) / BatchFraction);
        List(0).Fill(ProximityGraph.NoVertex);
        for (int placed = 1; placed < count;)
        {
            int end = Math.Min(count, placed + Math.Min(placed, most));
            // The upper level is the graph as it stood at one size, so a batch ends there.
            if (placed < _graph.UpperCount && end > _graph.UpperCount) end = _graph.UpperCount;
            Place(placed, end);
            Return(placed, end);
            placed = end;
            KeepEntry(placed);
            _options.Progress?.Report(placed);
        }
        InPieces(count, PieceTargets, (thread, first, last) =>
        {
            for (int vertex = first; vertex < last; vertex++) Pruned(thread, (uint)vertex).CopyTo(_graph.Neighbours(vertex));
        });
        GC.KeepAlive(this);
    }

    /// <summary>Finds the neighbours of the vertices of a batch.</summary>
    private void Place(int placed, int end)
    {
        Levels levels = new(Lists(_lists, _slots), placed, _entry is null ? default : Lists(_entry, _degree), _entryCount);
        InPieces(end - placed, PieceVertices, (thread, first, last) =>
        {
            BeamWalk walk = _walks[thread];
            NeighbourPruner pruner = _pruners[thread];
            for (int vertex = placed + first; vertex < placed + last; vertex++)
            {
                walk.Run<SquaredMeasure>(levels, _graph.CodesOf(vertex), _graph.Parameters.BuildBeam);
                pruner.Begin((uint)vertex);
                foreach (ulong key in walk.Nearest) pruner.Add(key);
                ReadOnlySpan<uint> chosen = pruner.Prune(_degree);
                chosen.CopyTo(List(vertex));
                _degrees[vertex] = chosen.Length;
                List(vertex)[chosen.Length..].Fill(ProximityGraph.NoVertex);
            }
        });
    }

    /// <summary>Makes the vertices of a batch neighbours of their neighbours.</summary>
    private void Return(int placed, int end)
    {
        // Sources by target, in their order: a counting sort.
        Array.Clear(_firstSource, 0, placed + 1);
        int edges = 0;
        for (int source = placed; source < end; source++)
        {
            foreach (uint target in List(source)[.._degrees[source]]) _firstSource[target + 1]++;
            edges += _degrees[source];
        }
        for (int target = 0; target < placed; target++) _firstSource[target + 1] += _firstSource[target];
        uint[] sources = new uint[edges];
        for (int source = placed; source < end; source++)
        {
            foreach (uint target in List(source)[.._degrees[source]]) sources[_firstSource[target]++] = (uint)source;
        }
        // Each now begins where the next one did.
        InPieces(placed, PieceTargets, (thread, first, last) =>
        {
            for (int target = first; target < last; target++)
            {
                int begin = target == 0 ? 0 : _firstSource[target - 1];
                ReadOnlySpan<uint> added = sources.AsSpan(begin, _firstSource[target] - begin);
                if (added.Length > 0) Add(thread, target, added);
            }
        });
    }

    private void Add(int thread, int target, ReadOnlySpan<uint> sources)
    {
        Span<uint> list = List(target);
        int degree = _degrees[target];
        if (degree + sources.Length <= _slots)
        {
            sources.CopyTo(list[degree..]);
            _degrees[target] = degree + sources.Length;
            return;
        }
        NeighbourPruner pruner = _pruners[thread];
        pruner.Begin((uint)target);
        pruner.Add(list[..degree]);
        pruner.Add(sources);
        ReadOnlySpan<uint> chosen = pruner.Prune(_degree);
        chosen.CopyTo(list);
        list[chosen.Length..].Fill(ProximityGraph.NoVertex);
        _degrees[target] = chosen.Length;
    }

    /// <summary>The neighbours of a vertex, at most as many as a finished graph has.</summary>
    private ReadOnlySpan<uint> Pruned(int thread, uint vertex)
    {
        ReadOnlySpan<uint> list = List((int)vertex)[.._degrees[vertex]];
        if (list.Length <= _degree) return list;
        NeighbourPruner pruner = _pruners[thread];
        pruner.Begin(vertex);
        pruner.Add(list);
        return pruner.Prune(_degree);
    }

    /// <summary>Keeps the graph as it stands, if it is the next one that searches enter through.</summary>
    private void KeepEntry(int placed)
    {
        // Begins to serve when it is an eighth of the vertices: then it is a fair sample of them.
        if (_nextEntry is not null && placed >= 8L * _nextEntryCount) (_entry, _entryCount, _nextEntry) = (_nextEntry, _nextEntryCount, null);
        bool isUpper = placed == _graph.UpperCount;
        if (!isUpper && (_nextEntry is not null || placed < ProximityGraph.LeastUpperCount || placed > _graph.UpperCount / 2)) return;
        LargeMemory kept = isUpper ? _graph.UpperLists : new LargeMemory((long)placed * _degree * sizeof(uint));
        InPieces(placed, PieceTargets, (thread, first, last) =>
        {
            for (int vertex = first; vertex < last; vertex++)
            {
                ReadOnlySpan<uint> list = Pruned(thread, (uint)vertex);
                Span<uint> target = new(kept.Pointer + (nint)vertex * _degree * sizeof(uint), _degree);
                list.CopyTo(target);
                target[list.Length..].Fill(ProximityGraph.NoVertex);
            }
        });
        (_nextEntry, _nextEntryCount) = (kept, placed);
    }

    private Layer Lists(LargeMemory lists, int slots) => new(_graph, lists.Pointer, slots * sizeof(uint), slots);

    private Span<uint> List(int vertex) => new(_lists.Pointer + (nint)vertex * _slots * sizeof(uint), _slots);

    private void InPieces(int count, int pieceLength, Action<int, int, int> work) => InPieces(count, pieceLength, _options, _stop, work);

    /// <summary>Does work from 0 to a count in pieces, which threads take as they come.</summary>
    /// <param name="work">Gets the thread's number, the first of the piece, and the end of the piece.</param>
    private static void InPieces(int count, int pieceLength, ProximityBuildOptions options, CancellationToken stop, Action<int, int, int> work)
    {
        int next = 0, pieces = (count + pieceLength - 1) / pieceLength;
        void Run(int thread)
        {
            for (int piece; (piece = Interlocked.Increment(ref next) - 1) < pieces;)
            {
                stop.ThrowIfCancellationRequested();
                options.BeforePiece?.Invoke();
                work(thread, piece * pieceLength, Math.Min(count, (piece + 1) * pieceLength));
            }
        }
        int threads = Math.Min(options.Threads, pieces);
        if (threads <= 1)
        {
            Run(0);
            return;
        }
        // Not in groups, whose sizes would vary: each thread has walks of its own.
        Task[] others = [.. Enumerable.Range(1, threads - 1)
            .Select(thread => Task.Factory.StartNew(() => Run(thread), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            Run(0);
        }
        finally
        {
            Interlocked.Add(ref next, pieces);
            Task.WhenAll(others).GetAwaiter().GetResult();
        }
    }
}
