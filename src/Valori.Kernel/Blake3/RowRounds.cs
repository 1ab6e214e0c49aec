using System.Runtime.CompilerServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The seven rounds of BLAKE3's compression with a row of the 4 x 4 state in a vector (the BLAKE3 paper, section 5.3): the four
/// columns are mixed at once; then the rows are turned against each other, so that the diagonals are columns. A vector of 256
/// bits holds the rows of two states. Message words are permuted as in BLAKE3's reference for SSE4.1.
/// </summary>
internal static class RowRounds<TRows, TLanes, TVector>
    where TRows : struct, IRows<TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Takes the rows of the state, and the 16 words of the block, four in each vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(ref TVector a, ref TVector b, ref TVector c, ref TVector d, TVector m0, TVector m1, TVector m2, TVector m3)
    {
        (TVector w0, TVector w1, TVector w2, TVector w3) = InOrderOfFirstRound(m0, m1, m2, m3);
        Round(ref a, ref b, ref c, ref d, w0, w1, w2, w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
        PermuteAndRound(ref a, ref b, ref c, ref d, ref w0, ref w1, ref w2, ref w3);
    }

    /// <summary>The words of a block as the first round takes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector W0, TVector W1, TVector W2, TVector W3) InOrderOfFirstRound(TVector m0, TVector m1, TVector m2, TVector m3) => (
        TRows.Pick(m0, m1, 0b10_00_10_00),
        TRows.Pick(m0, m1, 0b11_01_11_01),
        TRows.Order(TRows.Pick(m2, m3, 0b10_00_10_00), 0b10_01_00_11),
        TRows.Order(TRows.Pick(m2, m3, 0b11_01_11_01), 0b10_01_00_11));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PermuteAndRound(
        ref TVector a, ref TVector b, ref TVector c, ref TVector d, ref TVector w0, ref TVector w1, ref TVector w2, ref TVector w3)
    {
        Permute(ref w0, ref w1, ref w2, ref w3);
        Round(ref a, ref b, ref c, ref d, w0, w1, w2, w3);
    }

    /// <summary>Each round takes the words of the one before it in another order, always the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Permute(ref TVector w0, ref TVector w1, ref TVector w2, ref TVector w3)
    {
        TVector next0 = TRows.Order(TRows.Pick(w0, w1, 0b11_01_01_10), 0b00_11_10_01);
        TVector next1 = TRows.Blend(TRows.Order(w0, 0b00_00_11_11), TRows.Pick(w2, w3, 0b11_11_10_10), 0b1100_1100);
        TVector next2 = TRows.Order(TRows.Blend(TLanes.ZipLow64(w3, w1), w2, 0b1100_0000), 0b01_11_10_00);
        TVector next3 = TRows.Order(TLanes.ZipLow32(w2, TLanes.ZipHigh32(w1, w3)), 0b00_01_11_10);
        (w0, w1, w2, w3) = (next0, next1, next2, next3);
    }

    /// <summary>One of the seven rounds, on words in its order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(ref TVector a, ref TVector b, ref TVector c, ref TVector d, TVector w0, TVector w1, TVector w2, TVector w3)
    {
        MixFirst(ref a, ref b, ref c, ref d, w0);
        MixSecond(ref a, ref b, ref c, ref d, w1);
        // Rows a, c and d are turned, and not b: it is known last, and the next step waits for it.
        a = TRows.Order(a, 0b10_01_00_11);
        d = TRows.Order(d, 0b01_00_11_10);
        c = TRows.Order(c, 0b00_11_10_01);
        MixFirst(ref a, ref b, ref c, ref d, w2);
        MixSecond(ref a, ref b, ref c, ref d, w3);
        a = TRows.Order(a, 0b00_11_10_01);
        d = TRows.Order(d, 0b01_00_11_10);
        c = TRows.Order(c, 0b10_01_00_11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixFirst(ref TVector a, ref TVector b, ref TVector c, ref TVector d, TVector words)
    {
        a = TLanes.Add(TLanes.Add(a, words), b);
        d = TLanes.RotateRight16(TLanes.Xor(d, a));
        c = TLanes.Add(c, d);
        b = TLanes.RotateRight12(TLanes.Xor(b, c));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixSecond(ref TVector a, ref TVector b, ref TVector c, ref TVector d, TVector words)
    {
        a = TLanes.Add(TLanes.Add(a, words), b);
        d = TLanes.RotateRight8(TLanes.Xor(d, a));
        c = TLanes.Add(c, d);
        b = TLanes.RotateRight7(TLanes.Xor(b, c));
    }
}
