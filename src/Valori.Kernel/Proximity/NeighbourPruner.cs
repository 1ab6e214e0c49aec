using System.Runtime.CompilerServices;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Chooses the neighbours of a vertex from candidates (RobustPrune of DiskANN): from the nearest on, each that no chosen one is much nearer to
/// than the vertex is. Of those with the same codes as the vertex, which would leave out each other, two are chosen: the last one before it and the
/// first one after it, so that they make a chain. One thread at a time.
/// </summary>
internal sealed unsafe class NeighbourPruner(ProximityGraph graph)
{
    private readonly long _alphaPercent = graph.Parameters.AlphaPercent;
    private ulong[] _candidates = new ulong[256];
    private uint _vertex;
    private int _count;
    private readonly uint[] _chosen = new uint[ProximityParameters.MaximumDegree];

    /// <summary>Begins with no candidates.</summary>
    public void Begin(uint vertex) => (_vertex, _count) = (vertex, 0);

    /// <summary>Adds a candidate with its distance to the vertex.</summary>
    public void Add(ulong key)
    {
        if (_count == _candidates.Length) Array.Resize(ref _candidates, 2 * _candidates.Length);
        _candidates[_count++] = key & ~1UL;
    }

    /// <summary>Adds candidates.</summary>
    public void Add(ReadOnlySpan<uint> candidates)
    {
        byte* codes = graph.CodesOf((int)_vertex);
        foreach (uint candidate in candidates) Add(BeamWalk.Key(CodeDistance.Squared(codes, graph.CodesOf((int)candidate), graph.CodeBytes), candidate));
    }

    /// <summary>The chosen ones, at most so many, nearest first. To be used before the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<uint> Prune(int most)
    {
        _candidates.AsSpan(0, _count).Sort();
        int chosen = 0, codeBytes = graph.CodeBytes, same = 0, before = 0;
        byte** codes = stackalloc byte*[ProximityParameters.MaximumDegree];
        for (; same < _count && BeamWalk.DistanceOf(_candidates[same]) == 0; same++)
        {
            if (BeamWalk.VertexOf(_candidates[same]) < _vertex) before++;
        }
        if (before > 0) _chosen[chosen++] = BeamWalk.VertexOf(_candidates[before - 1]);
        if (before < same) _chosen[chosen++] = BeamWalk.VertexOf(_candidates[before]);
        int different = chosen;
        for (int i = same; i < _count && chosen < most; i++)
        {
            ulong key = _candidates[i];
            uint vertex = BeamWalk.VertexOf(key);
            byte* own = graph.CodesOf((int)vertex);
            long most100 = 100L * BeamWalk.DistanceOf(key);
            bool isCovered = false;
            for (int other = different; other < chosen; other++)
            {
                if (_alphaPercent * CodeDistance.Squared(own, codes[other], codeBytes) > most100) continue;
                isCovered = true;
                break;
            }
            if (isCovered) continue;
            codes[chosen] = own;
            _chosen[chosen++] = vertex;
        }
        return _chosen.AsSpan(0, chosen);
    }
}
