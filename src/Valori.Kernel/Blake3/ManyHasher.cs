using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// Many equally long inputs at once, in the spirit of BLAKE3's <c>hash_many</c>: the primitive under long messages, the
/// leaves of a batch and the levels of a Merkle tree. The register width decides the speed, never the result.
/// </summary>
internal static class ManyHasher
{
    /// <summary>Hashes inputs of the given shape; returns one chaining value of 32 bytes for each.</summary>
    /// <param name="inputs">Holds <paramref name="count"/> inputs, <see cref="HashJob.InputStride"/> bytes apart.</param>
    /// <param name="outputs">Takes the chaining values, <see cref="HashJob.OutputStride"/> bytes apart. May start where the
    /// inputs start if no output is longer than its input's stride: a chaining value is written when its input was read.</param>
    public static void Hash(in HashJob job, ReadOnlySpan<byte> inputs, int count, Span<byte> outputs)
    {
        if (count == 0) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(job.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(job.Length, Compression.ChunkBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(job.OutputStride, Digest.SizeBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs.Length, (long)job.InputStride * (count - 1) + job.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs.Length, (long)job.OutputStride * (count - 1) + Digest.SizeBytes);

        // The widest register whose lanes would be half full: after the last full group a partly filled one is as fast as
        // two or three single inputs.
        int done = 0;
        while (done < count)
        {
            ref byte input = ref MemoryMarshal.GetReference(inputs[(done * job.InputStride)..]);
            ref byte output = ref MemoryMarshal.GetReference(outputs[(done * job.OutputStride)..]);
            ulong counter = job.Counter + job.CounterStep * (ulong)done;
            int rest = count - done, group = 1;
            if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && rest > Lanes256.Count)
                LaneHasher<Lanes512, Vector512<uint>>.Hash(job, ref input, group = Math.Min(rest, Lanes512.Count), counter, ref output);
            else if (Avx2.IsSupported && rest > Lanes128.Count)
                LaneHasher<Lanes256, Vector256<uint>>.Hash(job, ref input, group = Math.Min(rest, Lanes256.Count), counter, ref output);
            else if (Vector128.IsHardwareAccelerated && rest > 1)
                LaneHasher<Lanes128, Vector128<uint>>.Hash(job, ref input, group = Math.Min(rest, Lanes128.Count), counter, ref output);
            else
                HashOne(job, inputs.Slice(done * job.InputStride, job.Length), counter, outputs.Slice(done * job.OutputStride, Digest.SizeBytes));
            done += group;
        }
    }

    /// <summary>The specification: one input, block after block.</summary>
    internal static void HashOne(in HashJob job, ReadOnlySpan<byte> input, ulong counter, Span<byte> output)
    {
        Digest value = Digest.Read(MemoryMarshal.AsBytes(job.Key));
        Compression.CompressInput(
            MemoryMarshal.Cast<Digest, uint>(new Span<Digest>(ref value)), input, counter, job.Flags, job.FirstBlockFlags, job.LastBlockFlags);
        value.CopyTo(output);
    }
}
