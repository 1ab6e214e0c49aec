using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A walk among the vertices that match a filter. Others are passed through: their neighbours stand in for them, and no distance to them is
/// computed (as ACORN does it). Only when none of them matches, it goes on from vertices that do not.
/// </summary>
internal sealed unsafe partial class BeamWalk
{
    // Beside the nearest entries of all, it begins at some that match, which may be elsewhere: so many, among the first so many vertices.
    private const int MatchingEntries = 16;
    private const int MatchingScanned = 1_024;

    private readonly uint[] _passed = new uint[ProximityParameters.MaximumDegree];

    /// <summary>Walks to the nearest vertices that match. The beam may hold others beside them.</summary>
    /// <param name="ids">The record id of each vertex.</param>
    public void RunMatching<TMeasure>(in Levels levels, byte* query, int beam, uint[] ids, MatchingRecords matching) where TMeasure : IMeasure
    {
        // The entries take room and may not match.
        Enter<TMeasure>(levels, query, beam + UpperBeam);
        int entries = 0;
        for (uint vertex = 0; vertex < Math.Min(levels.Vertices, MatchingScanned) && entries < MatchingEntries; vertex++)
        {
            if (!matching[ids[vertex]]) continue;
            entries++;
            ref uint seen = ref SeenRoom(1);
            int found = 0;
            Visit(vertex, ref seen, ref found);
            _seenCount += found;
            if (found > 0) Offer(Key(TMeasure.Distance(query, levels.Base.Codes(vertex), levels.Base.CodeBytes), vertex));
        }
        ExpandMatching<TMeasure>(levels.Base, query, ids, matching);
        Forget();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ExpandMatching<TMeasure>(in Layer layer, byte* query, uint[] ids, MatchingRecords matching) where TMeasure : IMeasure
    {
        // More together find more of the nearest, and take longer: the more so the fewer match. A quarter, a half and all were tried.
        int slots = layer.Slots, enough = slots / 2, codeBytes = layer.CodeBytes;
        ref uint passed = ref MemoryMarshal.GetArrayDataReference(_passed);
        for (int next = 0; next < _count;)
        {
            ulong nearest = _beam[next];
            if ((nearest & IsExpanded) != 0)
            {
                next++;
                continue;
            }
            _beam[next] = nearest | IsExpanded;
            ref uint seen = ref SeenRoom(2 * slots);
            int found = 0, passedCount = 0;
            uint* list = layer.List(VertexOf(nearest));
            for (int i = 0; i < slots && list[i] != ProximityGraph.NoVertex; i++)
            {
                uint vertex = list[i];
                if (IsVisited(vertex)) continue;
                if (matching[ids[vertex]])
                {
                    Visit(vertex, ref seen, ref found);
                    Cache.PrefetchLines(layer.Codes(vertex), codeBytes);
                    continue;
                }
                Unsafe.Add(ref passed, passedCount++) = vertex;
                Cache.PrefetchLines((byte*)layer.List(vertex), slots * sizeof(uint));
            }
            int through = 0;
            for (; through < passedCount && found < enough; through++)
            {
                list = layer.List(Unsafe.Add(ref passed, through));
                for (int i = 0; i < slots && found < enough && list[i] != ProximityGraph.NoVertex; i++)
                {
                    uint vertex = list[i];
                    if (IsVisited(vertex) || !matching[ids[vertex]]) continue;
                    Visit(vertex, ref seen, ref found);
                    Cache.PrefetchLines(layer.Codes(vertex), codeBytes);
                }
            }
            int taken = found;
            for (int i = 0; i < through; i++) Visit(Unsafe.Add(ref passed, i), ref seen, ref found);
            // Nothing matches here: then on from what does not.
            if (taken == 0) taken = found;
            _seenCount += found;
            next = Math.Min(next + 1, Take<TMeasure>(layer, query, ref seen, taken));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsVisited(uint vertex) => (_visited[vertex >> 6] >> (int)vertex & 1) != 0;

    /// <summary>Makes a vertex visited, and adds it to those seen if it was not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Visit(uint vertex, ref uint seen, ref int found)
    {
        Unsafe.Add(ref seen, found) = vertex;
        if (IsVisited(vertex)) return;
        _visited[vertex >> 6] |= 1UL << (int)vertex;
        found++;
    }
}
