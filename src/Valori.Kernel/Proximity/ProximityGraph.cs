using System.Runtime.CompilerServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A proximity graph over live records: for each the codes of its vector and its neighbours, so that a search walks to the nearest ones. A
/// pure function of the schema, the parameters and the records that were live at a state, so replicas at that state compare its digest.
/// Immutable; any number of threads may search it. docs/formats.md in Valori's repository, section 18, has the bytes and the algorithm.
/// </summary>
/// <remarks>
/// It holds what a walk needs and nothing of the records, so what happens to these later does not change it: a deleted record's vertex stays,
/// and leads on to others.
/// </remarks>
internal sealed unsafe class ProximityGraph
{
    /// <summary>Stands for "no neighbour": those of a vertex come first.</summary>
    public const uint NoVertex = uint.MaxValue;

    /// <summary>A graph begins to have an upper level at so many vertices of it.</summary>
    public const int LeastUpperCount = 256;

    /// <summary>The upper level has one in so many vertices.</summary>
    public const int UpperFraction = 32;

    // As many vertices as a key of a beam tells apart.
    private const long MaximumVertices = int.MaxValue;

    internal ProximityGraph(EngineSchema schema, ProximityParameters parameters, ulong boundary, Digest stateHash, CodeScale scale, int count)
    {
        Schema = schema;
        Parameters = parameters;
        Boundary = boundary;
        StateHash = stateHash;
        Scale = scale;
        Count = count;
        CodeBytes = CodeScale.BytesOf(scale.Components);
        Stride = StrideOf(CodeBytes, parameters.Degree);
        Ids = new uint[count];
        UpperCount = UpperCountOf(count);
        Vertices = new LargeMemory((long)count * Stride);
        UpperLists = new LargeMemory((long)UpperCount * parameters.Degree * sizeof(uint));
    }

    public EngineSchema Schema { get; }

    public ProximityParameters Parameters { get; }

    /// <summary>The ids below it are covered: a record among them that was live at the state has a vertex. The others were not there yet.</summary>
    public ulong Boundary { get; }

    /// <summary>The state that it was built from.</summary>
    public Digest StateHash { get; }

    /// <summary>BLAKE3 of all that it consists of, but not of the state's hash.</summary>
    public Digest Digest { get; internal set; }

    /// <summary>Which beam finds how much; not part of the digest, as it follows from what is.</summary>
    public RecallCalibration Calibration { get; internal set; } = new(0, new int[RecallCalibration.Beams.Length]);

    public CodeScale Scale { get; }

    /// <summary>Vertices: records that were live.</summary>
    public int Count { get; }

    /// <summary>The record id of each vertex.</summary>
    public uint[] Ids { get; }

    /// <summary>The first so many vertices make up the upper level; 0 if there is none.</summary>
    public int UpperCount { get; }

    public int CodeBytes { get; }

    /// <summary>What a vertex takes: codes, and then neighbours.</summary>
    public int Stride { get; }

    public LargeMemory Vertices { get; }

    public LargeMemory UpperLists { get; }

    /// <summary>What it takes of memory.</summary>
    public long Bytes => Vertices.Bytes + UpperLists.Bytes + (long)Ids.Length * sizeof(uint) + (long)Scale.Components * sizeof(int);

    public static int UpperCountOf(int count) => count / UpperFraction >= LeastUpperCount ? count / UpperFraction : 0;

    public static int StrideOf(int codeBytes, int degree) => (codeBytes + degree * sizeof(uint) + CacheLine.Bytes - 1) / CacheLine.Bytes * CacheLine.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* CodesOf(int vertex) => Vertices.Pointer + (nint)vertex * Stride;

    public Span<byte> CodeSpan(int vertex) => Vertices.Span((long)vertex * Stride, CodeBytes);

    public Span<uint> Neighbours(int vertex) => new(CodesOf(Checked(vertex, Count)) + CodeBytes, Parameters.Degree);

    public Span<uint> UpperNeighbours(int vertex) => new(UpperLists.Pointer + (nint)Checked(vertex, UpperCount) * Parameters.Degree * sizeof(uint), Parameters.Degree);

    /// <summary>What walks go through: all vertices with their neighbours, and those of the upper level with the neighbours that they have in it.</summary>
    public Levels Levels => new(
        new Layer(this, Vertices.Pointer + CodeBytes, Stride, Parameters.Degree), Count, new Layer(this, UpperLists.Pointer, Parameters.Degree * sizeof(uint), Parameters.Degree), UpperCount);

    internal static void CheckCount(ulong records)
    {
        if (records > MaximumVertices) throw new ArgumentOutOfRangeException(nameof(records), records, $"a proximity graph has at most {MaximumVertices} vertices");
    }

    private static int Checked(int vertex, int count) =>
        (uint)vertex < (uint)count ? vertex : throw new ArgumentOutOfRangeException(nameof(vertex), vertex, $"there are {count} vertices");
}
