using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A walk through a graph towards a query: the nearest vertices seen so far are kept in a beam, and the nearest one that was not expanded yet
/// is, until all in the beam are. The order is total, (distance, vertex), so the walk is a function of graph, query and width. Used again
/// from walk to walk; one thread at a time.
/// </summary>
internal sealed unsafe class BeamWalk
{
    /// <summary>The width of the walk through the upper level.</summary>
    public const int UpperBeam = 8;

    /// <summary>Vertices of the upper level from which the walk through all of them begins.</summary>
    public const int Entries = 4;

    private const ulong IsExpanded = 1;

    private ulong[] _visited = [];
    private uint[] _seen = new uint[1_024];
    private int _seenCount;
    private ulong[] _beam = new ulong[64];
    private int _width;
    private int _count;
    private ulong[] _expanded = new ulong[256];
    private int _expandedCount;
    private readonly uint[] _fresh = new uint[2 * ProximityParameters.MaximumDegree];

    /// <summary>The nearest vertices of the last walk as keys, nearest first.</summary>
    public ReadOnlySpan<ulong> Nearest => _beam.AsSpan(0, _count);

    /// <summary>The vertices that were expanded by the last walk as keys, in that order.</summary>
    public ReadOnlySpan<ulong> Expanded => _expanded.AsSpan(0, _expandedCount);

    /// <summary>Distances that all walks computed.</summary>
    public long Distances { get; private set; }

    /// <summary>Keys order by distance and then by vertex.</summary>
    public static ulong Key(int distance, uint vertex) => (ulong)(uint)distance << 33 | (ulong)vertex << 1;

    public static uint VertexOf(ulong key) => (uint)(key >> 1);

    public static int DistanceOf(ulong key) => (int)(key >> 33);

    /// <summary>Walks to the nearest vertices, from the best entries there are.</summary>
    /// <param name="vertices">Of the base layer.</param>
    /// <param name="upper">A layer of the first of the same vertices, or of none.</param>
    /// <param name="upperVertices">0 if there is none.</param>
    public void Run(in Layer layer, int vertices, in Layer upper, int upperVertices, byte* query, int beam)
    {
        Begin(vertices);
        int scanned = Math.Min(upperVertices > 0 ? upperVertices : vertices, ProximityGraph.EntryVertices);
        Clear(upperVertices > 0 ? UpperBeam : Math.Min(Entries, beam));
        for (uint vertex = 0; vertex < scanned; vertex++) Offer(Key(CodeDistance.Squared(query, layer.Codes(vertex), layer.CodeBytes), vertex));
        Distances += scanned;
        if (upperVertices > 0)
        {
            for (int i = 0; i < _count; i++) Visit(VertexOf(_beam[i]));
            Expand(upper, query);
            _count = Math.Min(_count, Math.Min(Entries, beam));
        }
        Forget();
        SetWidth(beam);
        for (int i = 0; i < _count; i++)
        {
            _beam[i] &= ~IsExpanded;
            Visit(VertexOf(_beam[i]));
        }
        _expandedCount = 0;
        Expand(layer, query);
        Forget();
    }

    private void Begin(int vertices)
    {
        int words = (vertices + 63) / 64;
        if (_visited.Length < words) _visited = new ulong[Math.Max(words, (int)BitOperations.RoundUpToPowerOf2((uint)words))];
    }

    private void Clear(int width)
    {
        _count = 0;
        SetWidth(width);
    }

    private void SetWidth(int width)
    {
        _width = width;
        // One more than the width: what drops out has been moved there.
        if (_beam.Length < width + 1) Array.Resize(ref _beam, width + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Visit(uint vertex)
    {
        _visited[vertex >> 6] |= 1UL << (int)vertex;
        if (_seenCount == _seen.Length) Array.Resize(ref _seen, 2 * _seen.Length);
        _seen[_seenCount++] = vertex;
    }

    /// <summary>Makes all vertices unvisited: those alone that were.</summary>
    private void Forget()
    {
        foreach (uint vertex in _seen.AsSpan(0, _seenCount)) _visited[vertex >> 6] = 0;
        _seenCount = 0;
    }

    /// <summary>Puts a vertex into its place of the beam, if it has one.</summary>
    /// <returns>The place, or the width.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Offer(ulong key)
    {
        if (_count == _width && key > _beam[_count - 1]) return _width;
        return Insert(key);
    }

    private int Insert(ulong key)
    {
        Span<ulong> beam = _beam.AsSpan(0, _count);
        int low = 0, high = beam.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (beam[middle] < key) low = middle + 1;
            else high = middle;
        }
        int moved = Math.Min(_count, _width - 1) - low;
        Array.Copy(_beam, low, _beam, low + 1, moved);
        _beam[low] = key;
        if (_count < _width) _count++;
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Expand(in Layer layer, byte* query)
    {
        int next = 0, codeBytes = layer.CodeBytes, slots = layer.Slots;
        long distances = 0;
        ref uint fresh = ref MemoryMarshal.GetArrayDataReference(_fresh);
        ref ulong visited = ref MemoryMarshal.GetArrayDataReference(_visited);
        while (next < _count)
        {
            ulong nearest = _beam[next];
            if ((nearest & IsExpanded) != 0)
            {
                next++;
                continue;
            }
            _beam[next] = nearest | IsExpanded;
            if (_expandedCount == _expanded.Length) Array.Resize(ref _expanded, 2 * _expanded.Length);
            _expanded[_expandedCount++] = nearest;
            if (_seenCount + slots > _seen.Length) Array.Resize(ref _seen, 2 * _seen.Length);
            ref uint seen = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_seen), _seenCount);

            uint* list = layer.List(VertexOf(nearest));
            int found = 0;
            for (int i = 0; i < slots; i++)
            {
                uint vertex = list[i];
                if (vertex == ProximityGraph.NoVertex) break;
                ref ulong word = ref Unsafe.Add(ref visited, (nint)(vertex >> 6));
                ulong bit = 1UL << (int)vertex;
                if ((word & bit) != 0) continue;
                word |= bit;
                Cache.PrefetchLines(layer.Codes(vertex), codeBytes);
                Unsafe.Add(ref fresh, found) = vertex;
                Unsafe.Add(ref seen, found) = vertex;
                found++;
            }
            _seenCount += found;
            distances += found;
            // The one that comes next unless something nearer is found now.
            if (next + 1 < _count) Cache.PrefetchLines((byte*)layer.List(VertexOf(_beam[next + 1])), slots * sizeof(uint));

            ulong worst = _count == _width ? _beam[_count - 1] : ulong.MaxValue;
            int first = int.MaxValue;
            for (int i = 0; i < found; i++)
            {
                uint vertex = Unsafe.Add(ref fresh, i);
                ulong key = Key(CodeDistance.Squared(query, layer.Codes(vertex), codeBytes), vertex);
                if (key > worst) continue;
                first = Math.Min(first, Insert(key));
                if (_count == _width) worst = _beam[_count - 1];
            }
            next = Math.Min(next + 1, first);
        }
        Distances += distances;
    }
}
