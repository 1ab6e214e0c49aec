using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A walk through a graph towards a query: the nearest vertices seen so far are kept in a beam, and the nearest two that were not expanded yet
/// are, until all in the beam are. The order is total, (distance, vertex), so the walk is a function of graph, query and width. Used again
/// from walk to walk; one thread at a time.
/// </summary>
internal sealed unsafe partial class BeamWalk
{
    /// <summary>Vertices that each walk looks at first: a sample of all.</summary>
    public const int ScannedVertices = 128;

    /// <summary>The width of the walk through the upper level. With 8, recall was the same, and a fifth more distances were computed.</summary>
    public const int UpperBeam = 4;

    private const ulong IsExpanded = 1;

    private ulong[] _visited = [];
    private uint[] _seen = new uint[1_024];
    private int _seenCount;
    private ulong[] _beam = new ulong[64];
    private int _width;
    private int _count;
    private readonly ulong[] _keys = new ulong[ProximityParameters.MaximumDegree * 3];

    /// <summary>The nearest vertices of the last walk as keys, nearest first.</summary>
    public ReadOnlySpan<ulong> Nearest => _beam.AsSpan(0, _count);

    /// <summary>Keys order by distance and then by vertex. They are below 2^63.</summary>
    public static ulong Key(int distance, uint vertex) => (ulong)(uint)distance << 32 | (ulong)vertex << 1;

    public static uint VertexOf(ulong key) => (uint)key >> 1;

    public static int DistanceOf(ulong key) => (int)(key >> 32);

    /// <summary>Walks to the nearest vertices.</summary>
    public void Run<TMeasure>(in Levels levels, byte* query, int beam) where TMeasure : IMeasure
    {
        Enter<TMeasure>(levels, query, beam);
        Expand<TMeasure>(levels.Base, query);
        Forget();
    }

    /// <summary>Finds where a walk begins: the nearest of the upper level, or of the vertices looked at first.</summary>
    private void Enter<TMeasure>(in Levels levels, byte* query, int beam) where TMeasure : IMeasure
    {
        int words = (levels.Vertices + 63) / 64;
        if (_visited.Length < words) _visited = new ulong[(int)BitOperations.RoundUpToPowerOf2((uint)words)];
        _count = 0;
        SetWidth(Math.Min(UpperBeam, beam));
        int scanned = Math.Min(levels.UpperVertices > 0 ? levels.UpperVertices : levels.Vertices, ScannedVertices);
        for (uint vertex = 0; vertex < scanned; vertex++) Offer(Key(TMeasure.Distance(query, levels.Base.Codes(vertex), levels.Base.CodeBytes), vertex));
        if (levels.UpperVertices > 0)
        {
            VisitBeam();
            Expand<TMeasure>(levels.Upper, query);
            Forget();
        }
        SetWidth(beam);
        VisitBeam();
    }

    private void SetWidth(int width)
    {
        _width = width;
        if (_beam.Length < width) Array.Resize(ref _beam, width);
    }

    /// <summary>Makes all in the beam visited, and none expanded.</summary>
    private void VisitBeam()
    {
        for (int i = 0; i < _count; i++)
        {
            _beam[i] &= ~IsExpanded;
            uint vertex = VertexOf(_beam[i]);
            _visited[vertex >> 6] |= 1UL << (int)vertex;
            _seen[_seenCount++] = vertex;
        }
    }

    /// <summary>Makes all vertices unvisited: those alone that were.</summary>
    private void Forget()
    {
        foreach (uint vertex in _seen.AsSpan(0, _seenCount)) _visited[vertex >> 6] = 0;
        _seenCount = 0;
    }

    /// <summary>Room for so many vertices more that are visited, and one that is not kept.</summary>
    private ref uint SeenRoom(int vertices)
    {
        if (_seenCount + vertices >= _seen.Length) Array.Resize(ref _seen, Math.Max(2 * _seen.Length, _seenCount + vertices + 1));
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_seen), _seenCount);
    }

    private void Offer(ulong key)
    {
        if (_count < _width || key < _beam[_count - 1]) Insert(key);
    }

    /// <summary>Puts a vertex into its place of the beam, which is full at most to a farther one.</summary>
    /// <returns>The place.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Insert(ulong key)
    {
        ref ulong beam = ref MemoryMarshal.GetArrayDataReference(_beam);
        // By halves without a branch, because nobody can guess which half it is. Keys are below 2^63: the sign of a difference compares them.
        int place = 0, length = _count;
        while (length > 1)
        {
            int half = length >>> 1;
            place += (int)((long)(Unsafe.Add(ref beam, place + half - 1) - key) >> 63) & half;
            length -= half;
        }
        if (length > 0) place += (int)((Unsafe.Add(ref beam, place) - key) >>> 63);
        int moved = (_count < _width ? _count++ : _count - 1) - place;
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref beam, place), moved).CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref beam, place + 1), moved));
        Unsafe.Add(ref beam, place) = key;
        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Expand<TMeasure>(in Layer layer, byte* query) where TMeasure : IMeasure
    {
        int slots = layer.Slots;
        for (int next = NextFrom(0); next < _count;)
        {
            // Two at a time: what they need of memory comes side by side. A seventh more walks a second, with a few distances more.
            int second = NextFrom(next + 1);
            ulong nearest = _beam[next];
            _beam[next] = nearest | IsExpanded;
            ref uint seen = ref SeenRoom(2 * slots);
            int found = 0;
            if (second < _count)
            {
                ulong other = _beam[second];
                _beam[second] = other | IsExpanded;
                Cache.PrefetchLines((byte*)layer.List(VertexOf(other)), slots * sizeof(uint));
                found = AddNeighbours(layer, VertexOf(nearest), ref seen, found);
                found = AddNeighbours(layer, VertexOf(other), ref seen, found);
            }
            else
            {
                found = AddNeighbours(layer, VertexOf(nearest), ref seen, found);
            }
            _seenCount += found;
            next = NextFrom(Math.Min(next + 1, Take<TMeasure>(layer, query, ref seen, found)));
            if (next < _count) Cache.PrefetchLines((byte*)layer.List(VertexOf(_beam[next])), slots * sizeof(uint));
        }
    }

    /// <summary>The first place from the given one on whose vertex was not expanded; the end if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int NextFrom(int place)
    {
        while (place < _count && (_beam[place] & IsExpanded) != 0) place++;
        return place;
    }

    /// <summary>Adds the neighbours that were not visited yet, and asks memory for their codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AddNeighbours(in Layer layer, uint vertex, ref uint seen, int found)
    {
        int slots = layer.Slots, codeBytes = layer.CodeBytes;
        ref ulong visited = ref MemoryMarshal.GetArrayDataReference(_visited);
        uint* list = layer.List(vertex);
        // Without a branch on what was visited: the processor would guess wrong, and begin anew each time that it does.
        for (int i = 0; i < slots; i++)
        {
            uint neighbour = list[i];
            if (neighbour == ProximityGraph.NoVertex) break;
            Cache.PrefetchLines(layer.Codes(neighbour), codeBytes);
            ref ulong word = ref Unsafe.Add(ref visited, (nint)(neighbour >> 6));
            Unsafe.Add(ref seen, found) = neighbour;
            found += (int)~(word >> (int)neighbour) & 1;
            word |= 1UL << (int)neighbour;
        }
        return found;
    }

    /// <summary>Puts those of some vertices into the beam that are near enough.</summary>
    /// <returns>The first place that one of them has, or one after all places.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Take<TMeasure>(in Layer layer, byte* query, ref uint vertices, int count) where TMeasure : IMeasure
    {
        int codeBytes = layer.CodeBytes, near = 0, first = int.MaxValue;
        ref ulong keys = ref MemoryMarshal.GetArrayDataReference(_keys);
        ulong worst = _count == _width ? _beam[_count - 1] : ulong.MaxValue;
        // All distances first, and without a branch on any: so they are computed side by side.
        for (int i = 0; i < count; i++)
        {
            uint vertex = Unsafe.Add(ref vertices, i);
            ulong key = Key(TMeasure.Distance(query, layer.Codes(vertex), codeBytes), vertex);
            Unsafe.Add(ref keys, near) = key;
            near += key < worst ? 1 : 0;
        }
        for (int i = 0; i < near; i++)
        {
            ulong key = Unsafe.Add(ref keys, i);
            if (_count < _width || key < _beam[_count - 1]) first = Math.Min(first, Insert(key));
        }
        return first;
    }
}
