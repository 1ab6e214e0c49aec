namespace Valori.Kernel.Proximity;

/// <summary>
/// Which beam finds which part of the nearest records: measured by walks through the graph itself. A pure function of the graph, to the bit, so that
/// machines with the same graph choose the same beam. docs/formats.md in Valori's repository, section 18, says how.
/// </summary>
internal sealed class RecallCalibration
{
    /// <summary>Hits that the recall is measured of.</summary>
    public const int Hits = 10;

    /// <summary>Queries that walk.</summary>
    public const int Queries = 128;

    // As many candidates as a search scores exactly: codes put few of the nearest further back.
    private const int Candidates = 30;

    // A query is a record and half of the difference of two others: it has the spread of the data, and is no record.
    private const int DifferenceTenths = 5;

    // Vertices between two looks at whether to stop.
    private const int VerticesAtATime = 1 << 14;

    private static readonly int[] MeasuredBeams = [10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768, 1_024];

    /// <param name="found">For each of <see cref="Beams"/>, how many of <paramref name="wanted"/> it found.</param>
    public RecallCalibration(int wanted, int[] found)
    {
        Wanted = wanted;
        Found = found;
    }

    /// <summary>Those that are measured, ascending.</summary>
    public static ReadOnlySpan<int> Beams => MeasuredBeams;

    /// <summary>Nearest records of all queries.</summary>
    public int Wanted { get; }

    /// <summary>For each of <see cref="Beams"/>, how many of those it found.</summary>
    public int[] Found { get; }

    /// <summary>
    /// The narrowest beam that found as much as is asked for; null if none did. With more than <see cref="Hits"/> hits it is as many times wider.
    /// </summary>
    /// <param name="recall">Below 1.</param>
    public int? BeamFor(double recall, int hits)
    {
        for (int i = 0; i < Found.Length; i++)
        {
            if (Found[i] < recall * Wanted) continue;
            long beam = Math.Max(MeasuredBeams[i], ((long)MeasuredBeams[i] * hits + Hits - 1) / Hits);
            return beam <= SearchMode.MaximumBeam ? (int)beam : null;
        }
        return null;
    }

    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RecallCalibration Of(ProximityGraph graph, CancellationToken stop) => graph.Schema.Metric == Metric.Dot
        ? Measure<ProductMeasure>(graph, stop)
        : Measure<SquaredMeasure>(graph, stop);

    private static unsafe RecallCalibration Measure<TMeasure>(ProximityGraph graph, CancellationToken stop) where TMeasure : IMeasure
    {
        int[] found = new int[MeasuredBeams.Length];
        int hits = Math.Min(Hits, graph.Count - 1);
        if (hits <= 0) return new RecallCalibration(0, found);
        byte[] queries = QueriesOf(graph);
        fixed (byte* first = queries)
        {
            int[] farthest = Farthest<TMeasure>(graph, first, hits, stop);
            BeamWalk walk = new();
            for (int i = 0; i < MeasuredBeams.Length; i++)
            {
                // A wider beam would find nothing more.
                if (i > 0 && found[i - 1] == Queries * hits)
                {
                    found[i] = found[i - 1];
                    continue;
                }
                for (int query = 0; query < Queries; query++)
                {
                    stop.ThrowIfCancellationRequested();
                    walk.Run<TMeasure>(graph.Levels, first + query * graph.CodeBytes, MeasuredBeams[i]);
                    int near = 0;
                    foreach (ulong key in walk.Nearest[..Math.Min(walk.Nearest.Length, Candidates)])
                    {
                        if (BeamWalk.DistanceOf(key) <= farthest[query] && BeamWalk.VertexOf(key) != RecordOf(graph, query)) near++;
                    }
                    // Of vertices that are equally far, any will do.
                    found[i] += Math.Min(near, hits);
                }
            }
        }
        GC.KeepAlive(graph);
        return new RecallCalibration(Queries * hits, found);
    }

    /// <summary>The codes of the queries: of vertices that no walk begins at.</summary>
    private static byte[] QueriesOf(ProximityGraph graph)
    {
        CodeScale scale = graph.Scale;
        byte[] queries = new byte[Queries * graph.CodeBytes];
        int[] raw = new int[graph.Schema.Dimension];
        for (int query = 0; query < Queries; query++)
        {
            long vertex = RecordOf(graph, query);
            ReadOnlySpan<byte> of = Codes(vertex), plus = Codes(vertex + 1), minus = Codes(vertex + 2);
            for (int i = 0; i < raw.Length; i++)
            {
                long tenths = 10L * (of[i] - CodeScale.CenterCode) + DifferenceTenths * (plus[i] - minus[i]);
                raw[i] = (int)Math.Clamp(scale.Center[i] + tenths * scale.Step / 10, int.MinValue, int.MaxValue);
            }
            Span<byte> codes = queries.AsSpan(query * graph.CodeBytes, graph.CodeBytes);
            if (graph.Schema.Metric == Metric.Dot) scale.EncodeForProduct(raw, codes);
            else scale.Encode(raw, codes);
        }
        return queries;

        ReadOnlySpan<byte> Codes(long vertex) => graph.CodeSpan((int)(vertex % graph.Count));
    }

    /// <summary>The vertex that a query is made of: no walk begins at it.</summary>
    private static int RecordOf(ProximityGraph graph, int query) => (int)((graph.Count / 2 + 3L * query) % graph.Count);

    /// <summary>For each query the distance of the last of the nearest vertices.</summary>
    private static unsafe int[] Farthest<TMeasure>(ProximityGraph graph, byte* queries, int hits, CancellationToken stop) where TMeasure : IMeasure
    {
        // Ascending, for each query.
        int[] nearest = new int[Queries * hits], farthest = new int[Queries];
        Array.Fill(nearest, int.MaxValue);
        Array.Fill(farthest, int.MaxValue);
        Layer vertices = graph.Levels.Base;
        for (int vertex = 0; vertex < graph.Count; vertex++)
        {
            if (vertex % VerticesAtATime == 0) stop.ThrowIfCancellationRequested();
            byte* codes = vertices.Codes((uint)vertex);
            for (int query = 0; query < Queries; query++)
            {
                int distance = TMeasure.Distance(queries + query * graph.CodeBytes, codes, graph.CodeBytes);
                if (distance >= farthest[query] || vertex == RecordOf(graph, query)) continue;
                Span<int> ofQuery = nearest.AsSpan(query * hits, hits);
                int place = hits - 1;
                for (; place > 0 && ofQuery[place - 1] > distance; place--) ofQuery[place] = ofQuery[place - 1];
                ofQuery[place] = distance;
                farthest[query] = ofQuery[^1];
            }
        }
        return farthest;
    }
}
