namespace Valori.Kernel.Blake3;

/// <summary>
/// A vector register as lanes of 32-bit words, one input in each lane: what <see cref="LaneHasher{TLanes,TVector}"/> needs
/// of a register width. The rows of a 4 x 4 transposition stand in quads: quad q of a vector belongs to the lanes 4q..4q+3.
/// </summary>
/// <typeparam name="TVector">The register: <c>Vector128&lt;uint&gt;</c>, <c>Vector256&lt;uint&gt;</c> or <c>Vector512&lt;uint&gt;</c>.</typeparam>
internal interface ILanes<TVector> where TVector : unmanaged
{
    /// <summary>Lanes in a register: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    static abstract TVector Broadcast(uint word);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    static abstract TVector RotateRight16(TVector a);

    static abstract TVector RotateRight12(TVector a);

    static abstract TVector RotateRight8(TVector a);

    static abstract TVector RotateRight7(TVector a);

    /// <summary>Loads 16 bytes of the inputs 0, 4, 8, ... into the quads, so many inputs apart.</summary>
    static abstract TVector LoadQuads(ref byte input, nint stride);

    /// <summary>Stores the quads as 16 bytes of the outputs 0, 4, 8, ...</summary>
    static abstract void StoreQuads(TVector quads, ref byte output, nint stride);

    /// <summary>In each quad: words 0 and 1 of both, interleaved.</summary>
    static abstract TVector ZipLow32(TVector a, TVector b);

    /// <summary>In each quad: words 2 and 3 of both, interleaved.</summary>
    static abstract TVector ZipHigh32(TVector a, TVector b);

    /// <summary>In each quad: the low halves of both.</summary>
    static abstract TVector ZipLow64(TVector a, TVector b);

    /// <summary>In each quad: the high halves of both.</summary>
    static abstract TVector ZipHigh64(TVector a, TVector b);
}
