using System.Runtime.CompilerServices;

namespace Valori.Kernel.Proximity;

/// <summary>What a walk goes by. A type, so that the loop over neighbours is compiled for each.</summary>
internal unsafe interface IMeasure
{
    /// <summary>How far a row of codes is from a query.</summary>
    static abstract int Distance(byte* query, byte* codes, int bytes);
}

/// <summary>To the nearest.</summary>
internal readonly unsafe struct SquaredMeasure : IMeasure
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(byte* query, byte* codes, int bytes) => CodeDistance.Squared(query, codes, bytes);
}

/// <summary>To those with the largest inner product.</summary>
internal readonly unsafe struct ProductMeasure : IMeasure
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(byte* query, byte* codes, int bytes) => CodeDistance.Product(query, codes, bytes);
}
