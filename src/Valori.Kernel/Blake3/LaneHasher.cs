using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// BLAKE3's compression of up to <c>TLanes.Count</c> equally long inputs at once, one in each lane. It returns what
/// <see cref="Compression"/> returns for each of them alone; the rounds are written once for all register widths.
/// </summary>
internal static unsafe class LaneHasher<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
{
    // What one group of inputs keeps in memory, in vectors: the message, a state word (see Rounds), the chaining values and
    // the two halves of the counters.
    private const int Words = 0;
    private const int StateWord8 = 16;
    private const int ChainingValue = 17;
    private const int Counters = 25;
    private const int Vectors = 27;

    /// <summary>The message word that each step adds, round after round (the BLAKE3 paper, section 2.2).</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>Hashes the inputs of a group.</summary>
    /// <param name="job">The shape that they share.</param>
    /// <param name="input">The first input; the others follow <c>job.InputStride</c> bytes apart.</param>
    /// <param name="inputs">How many, 1 to <c>TLanes.Count</c>. The lanes after them idle.</param>
    /// <param name="counter">The counter of the first input.</param>
    /// <param name="output">The first chaining value; the others follow <c>job.OutputStride</c> bytes apart. May overlap
    /// the inputs: all of them are read before.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // the first call may be the only one: it must not run unoptimised
    public static void Hash(in HashJob job, ref byte input, int inputs, ulong counter, ref byte output)
    {
        // Vectors that cross a cache line cost twice: align, which the stack alone does to 16 bytes only.
        byte* memory = stackalloc byte[(Vectors + 1) * sizeof(TVector)];
        TVector* group = (TVector*)(((nint)memory + sizeof(TVector) - 1) & -sizeof(TVector));
        byte* padded = stackalloc byte[TLanes.Count * Compression.BlockBytes];

        ref uint key = ref MemoryMarshal.GetReference(job.Key);
        for (int i = 0; i < 8; i++) group[ChainingValue + i] = TLanes.Broadcast(Unsafe.Add(ref key, i));
        SetCounters((uint*)(group + Counters), counter, job.CounterStep);

        uint flags = job.Flags | job.FirstBlockFlags;
        int length = job.Length, offset = 0;
        while (length - offset > Compression.BlockBytes)
        {
            if (inputs == TLanes.Count) LoadBlock(group, ref Unsafe.Add(ref input, offset), job.InputStride);
            else LoadPadded(group, padded, ref Unsafe.Add(ref input, offset), inputs, job.InputStride, Compression.BlockBytes);
            Rounds(group, Compression.BlockBytes, flags);
            flags = job.Flags;
            offset += Compression.BlockBytes;
        }
        if (inputs == TLanes.Count && length - offset == Compression.BlockBytes)
            LoadBlock(group, ref Unsafe.Add(ref input, offset), job.InputStride);
        else
            LoadPadded(group, padded, ref Unsafe.Add(ref input, offset), inputs, job.InputStride, length - offset);
        Rounds(group, (uint)(length - offset), flags | job.LastBlockFlags);

        if (inputs == TLanes.Count) StoreChainingValues(group, ref output, job.OutputStride);
        else StorePadded(group, padded, ref output, inputs, job.OutputStride);
    }

    private static void SetCounters(uint* words, ulong counter, uint step)
    {
        for (int lane = 0; lane < TLanes.Count; lane++, counter += step)
        {
            words[lane] = (uint)counter;
            words[TLanes.Count + lane] = (uint)(counter >> 32);
        }
    }

    /// <summary>Reads a block of 64 bytes of each input and turns it, so that each vector holds one word of all inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadBlock(TVector* group, ref byte input, nint stride)
    {
        for (int quad = 0; quad < 4; quad++)
        {
            ref byte row = ref Unsafe.Add(ref input, quad * 16);
            TVector row0 = TLanes.LoadQuads(ref row, stride);
            TVector row1 = TLanes.LoadQuads(ref Unsafe.AddByteOffset(ref row, stride), stride);
            TVector row2 = TLanes.LoadQuads(ref Unsafe.AddByteOffset(ref row, 2 * stride), stride);
            TVector row3 = TLanes.LoadQuads(ref Unsafe.AddByteOffset(ref row, 3 * stride), stride);
            Transpose(ref row0, ref row1, ref row2, ref row3);
            TVector* words = group + Words + 4 * quad;
            words[0] = row0;
            words[1] = row1;
            words[2] = row2;
            words[3] = row3;
        }
    }

    private static void LoadPadded(TVector* group, byte* padded, ref byte input, int inputs, nint stride, int length)
    {
        Unsafe.InitBlockUnaligned(padded, 0, (uint)(TLanes.Count * Compression.BlockBytes));
        for (int i = 0; i < inputs; i++)
            Unsafe.CopyBlockUnaligned(ref padded[i * Compression.BlockBytes], ref Unsafe.AddByteOffset(ref input, i * stride), (uint)length);
        LoadBlock(group, ref *padded, Compression.BlockBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreChainingValues(TVector* group, ref byte output, nint stride)
    {
        for (int half = 0; half < 2; half++)
        {
            TVector* words = group + ChainingValue + 4 * half;
            TVector row0 = words[0], row1 = words[1], row2 = words[2], row3 = words[3];
            Transpose(ref row0, ref row1, ref row2, ref row3);
            ref byte row = ref Unsafe.Add(ref output, half * 16);
            TLanes.StoreQuads(row0, ref row, stride);
            TLanes.StoreQuads(row1, ref Unsafe.AddByteOffset(ref row, stride), stride);
            TLanes.StoreQuads(row2, ref Unsafe.AddByteOffset(ref row, 2 * stride), stride);
            TLanes.StoreQuads(row3, ref Unsafe.AddByteOffset(ref row, 3 * stride), stride);
        }
    }

    private static void StorePadded(TVector* group, byte* padded, ref byte output, int inputs, nint stride)
    {
        StoreChainingValues(group, ref *padded, Digest.SizeBytes);
        for (int i = 0; i < inputs; i++)
            Unsafe.CopyBlockUnaligned(ref Unsafe.AddByteOffset(ref output, i * stride), ref padded[i * Digest.SizeBytes], Digest.SizeBytes);
    }

    /// <summary>The 4 x 4 words in each quad of the four rows, turned. Its own inverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref TVector row0, ref TVector row1, ref TVector row2, ref TVector row3)
    {
        TVector low01 = TLanes.ZipLow32(row0, row1), high01 = TLanes.ZipHigh32(row0, row1);
        TVector low23 = TLanes.ZipLow32(row2, row3), high23 = TLanes.ZipHigh32(row2, row3);
        row0 = TLanes.ZipLow64(low01, low23);
        row1 = TLanes.ZipHigh64(low01, low23);
        row2 = TLanes.ZipLow64(high01, high23);
        row3 = TLanes.ZipHigh64(high01, high23);
    }

    /// <summary>Compresses the loaded block into the chaining values.</summary>
    /// <remarks>
    /// The four quarter-rounds of a half go step by step beside each other, for the processor to overlap them. Of the 16
    /// words of state, s8 stays in memory: AVX2 has 16 registers, and a rotation needs one. The store to memory also keeps
    /// the compiler from carrying message words over in registers that it then spills. Measured on an AMD EPYC (family
    /// 23), ns for eight blocks: 467 with all state in locals, 285 so, 274 with the seven rounds unrolled, which was not
    /// worth seven times the code.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rounds(TVector* group, uint blockLength, uint flags)
    {
        TVector* m = group + Words;
        TVector* h = group + ChainingValue;
        TVector s0 = h[0], s1 = h[1], s2 = h[2], s3 = h[3], s4 = h[4], s5 = h[5], s6 = h[6], s7 = h[7];
        ref TVector s8 = ref group[StateWord8];
        s8 = TLanes.Broadcast(0x6A09E667);
        TVector s9 = TLanes.Broadcast(0xBB67AE85), s10 = TLanes.Broadcast(0x3C6EF372), s11 = TLanes.Broadcast(0xA54FF53A);
        TVector s12 = group[Counters], s13 = group[Counters + 1];
        TVector s14 = TLanes.Broadcast(blockLength), s15 = TLanes.Broadcast(flags);

        ref byte schedule = ref MemoryMarshal.GetReference(Schedule);
        for (int round = 0; round < 7; round++)
        {
            s0 = TLanes.Add(TLanes.Add(s0, m[schedule]), s4);
            s1 = TLanes.Add(TLanes.Add(s1, m[Unsafe.Add(ref schedule, 2)]), s5);
            s2 = TLanes.Add(TLanes.Add(s2, m[Unsafe.Add(ref schedule, 4)]), s6);
            s3 = TLanes.Add(TLanes.Add(s3, m[Unsafe.Add(ref schedule, 6)]), s7);
            s12 = TLanes.RotateRight16(TLanes.Xor(s12, s0));
            s13 = TLanes.RotateRight16(TLanes.Xor(s13, s1));
            s14 = TLanes.RotateRight16(TLanes.Xor(s14, s2));
            s15 = TLanes.RotateRight16(TLanes.Xor(s15, s3));
            s8 = TLanes.Add(s8, s12);
            s9 = TLanes.Add(s9, s13);
            s10 = TLanes.Add(s10, s14);
            s11 = TLanes.Add(s11, s15);
            s4 = TLanes.RotateRight12(TLanes.Xor(s4, s8));
            s5 = TLanes.RotateRight12(TLanes.Xor(s5, s9));
            s6 = TLanes.RotateRight12(TLanes.Xor(s6, s10));
            s7 = TLanes.RotateRight12(TLanes.Xor(s7, s11));
            s0 = TLanes.Add(TLanes.Add(s0, m[Unsafe.Add(ref schedule, 1)]), s4);
            s1 = TLanes.Add(TLanes.Add(s1, m[Unsafe.Add(ref schedule, 3)]), s5);
            s2 = TLanes.Add(TLanes.Add(s2, m[Unsafe.Add(ref schedule, 5)]), s6);
            s3 = TLanes.Add(TLanes.Add(s3, m[Unsafe.Add(ref schedule, 7)]), s7);
            s12 = TLanes.RotateRight8(TLanes.Xor(s12, s0));
            s13 = TLanes.RotateRight8(TLanes.Xor(s13, s1));
            s14 = TLanes.RotateRight8(TLanes.Xor(s14, s2));
            s15 = TLanes.RotateRight8(TLanes.Xor(s15, s3));
            s8 = TLanes.Add(s8, s12);
            s9 = TLanes.Add(s9, s13);
            s10 = TLanes.Add(s10, s14);
            s11 = TLanes.Add(s11, s15);
            s4 = TLanes.RotateRight7(TLanes.Xor(s4, s8));
            s5 = TLanes.RotateRight7(TLanes.Xor(s5, s9));
            s6 = TLanes.RotateRight7(TLanes.Xor(s6, s10));
            s7 = TLanes.RotateRight7(TLanes.Xor(s7, s11));

            s0 = TLanes.Add(TLanes.Add(s0, m[Unsafe.Add(ref schedule, 8)]), s5);
            s1 = TLanes.Add(TLanes.Add(s1, m[Unsafe.Add(ref schedule, 10)]), s6);
            s2 = TLanes.Add(TLanes.Add(s2, m[Unsafe.Add(ref schedule, 12)]), s7);
            s3 = TLanes.Add(TLanes.Add(s3, m[Unsafe.Add(ref schedule, 14)]), s4);
            s15 = TLanes.RotateRight16(TLanes.Xor(s15, s0));
            s12 = TLanes.RotateRight16(TLanes.Xor(s12, s1));
            s13 = TLanes.RotateRight16(TLanes.Xor(s13, s2));
            s14 = TLanes.RotateRight16(TLanes.Xor(s14, s3));
            s10 = TLanes.Add(s10, s15);
            s11 = TLanes.Add(s11, s12);
            s8 = TLanes.Add(s8, s13);
            s9 = TLanes.Add(s9, s14);
            s5 = TLanes.RotateRight12(TLanes.Xor(s5, s10));
            s6 = TLanes.RotateRight12(TLanes.Xor(s6, s11));
            s7 = TLanes.RotateRight12(TLanes.Xor(s7, s8));
            s4 = TLanes.RotateRight12(TLanes.Xor(s4, s9));
            s0 = TLanes.Add(TLanes.Add(s0, m[Unsafe.Add(ref schedule, 9)]), s5);
            s1 = TLanes.Add(TLanes.Add(s1, m[Unsafe.Add(ref schedule, 11)]), s6);
            s2 = TLanes.Add(TLanes.Add(s2, m[Unsafe.Add(ref schedule, 13)]), s7);
            s3 = TLanes.Add(TLanes.Add(s3, m[Unsafe.Add(ref schedule, 15)]), s4);
            s15 = TLanes.RotateRight8(TLanes.Xor(s15, s0));
            s12 = TLanes.RotateRight8(TLanes.Xor(s12, s1));
            s13 = TLanes.RotateRight8(TLanes.Xor(s13, s2));
            s14 = TLanes.RotateRight8(TLanes.Xor(s14, s3));
            s10 = TLanes.Add(s10, s15);
            s11 = TLanes.Add(s11, s12);
            s8 = TLanes.Add(s8, s13);
            s9 = TLanes.Add(s9, s14);
            s5 = TLanes.RotateRight7(TLanes.Xor(s5, s10));
            s6 = TLanes.RotateRight7(TLanes.Xor(s6, s11));
            s7 = TLanes.RotateRight7(TLanes.Xor(s7, s8));
            s4 = TLanes.RotateRight7(TLanes.Xor(s4, s9));
            schedule = ref Unsafe.Add(ref schedule, 16);
        }

        h[0] = TLanes.Xor(s0, s8);
        h[1] = TLanes.Xor(s1, s9);
        h[2] = TLanes.Xor(s2, s10);
        h[3] = TLanes.Xor(s3, s11);
        h[4] = TLanes.Xor(s4, s12);
        h[5] = TLanes.Xor(s5, s13);
        h[6] = TLanes.Xor(s6, s14);
        h[7] = TLanes.Xor(s7, s15);
    }
}
