using System.Runtime.CompilerServices;

namespace Valori.Kernel.Proximity;

/// <summary>Vertices with the neighbours that they have at one level, or had at one time. All neighbours are vertices of it.</summary>
internal readonly unsafe struct Layer
{
    private readonly byte* _codes;
    private readonly nint _codeStride;
    private readonly byte* _lists;
    private readonly nint _listStride;

    /// <param name="lists">The neighbours of vertex 0, <paramref name="slots"/> of them; <see cref="ProximityGraph.NoVertex"/> ends a shorter list.</param>
    public Layer(ProximityGraph graph, byte* lists, nint listStride, int slots)
    {
        _codes = graph.Vertices.Pointer;
        _codeStride = graph.Stride;
        CodeBytes = graph.CodeBytes;
        _lists = lists;
        _listStride = listStride;
        Slots = slots;
    }

    public int CodeBytes { get; }

    public int Slots { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Codes(uint vertex) => _codes + (nint)vertex * _codeStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* List(uint vertex) => (uint*)(_lists + (nint)vertex * _listStride);
}
