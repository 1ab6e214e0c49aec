using System.Runtime.InteropServices;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>Compressions by rows against scalar code: which of them the product takes depends on the processor.</summary>
public sealed class RowCompressionTests
{
    [SkippableFact]
    public void A_block_by_rows_equals_scalar_code()
    {
        Skip.IfNot(RowCompression.IsSupported, "needs SSE4.1");
        Random random = new(9);
        uint[] start = new uint[8];
        byte[] block = new byte[64];
        for (int round = 0; round < 20_000; round++)
        {
            Fill(random, start, block);
            // All bits set now and then: sums carry and rotations wrap everywhere.
            if (round % 10 == 0) Array.Fill(start, uint.MaxValue);
            if (round % 10 == 1) Array.Fill(block, byte.MaxValue);
            ulong counter = (ulong)random.NextInt64(-1, long.MaxValue);
            uint length = (uint)random.Next(65), flags = (uint)random.Next(128);
            uint[] scalar = [.. start], rows = [.. start], chosen = [.. start];
            Compression.CompressScalar(ref scalar[0], ref block[0], counter, length, flags);
            RowCompression.Compress(ref rows[0], ref block[0], counter, length, flags);
            Compression.Compress(chosen, block, counter, length, flags);
            Assert.True(scalar.AsSpan().SequenceEqual(rows), $"seed 9, round {round}");
            Assert.True(scalar.AsSpan().SequenceEqual(chosen), $"seed 9, round {round}, the one that the product takes");
        }
    }

    /// <summary>Parts of a message begin anywhere. Some loads of Arm64 would fault.</summary>
    [Fact]
    public void A_block_at_any_address_equals_an_aligned_one()
    {
        uint[] start = new uint[8];
        byte[] block = GC.AllocateArray<byte>(64 + 64, pinned: true);
        Fill(new Random(11), start, block);
        for (int offset = 0; offset < 64; offset++)
        {
            uint[] words = MemoryMarshal.Cast<byte, uint>(block.AsSpan(offset, 64)).ToArray();
            uint[] here = [.. start], aligned = [.. start], chosen = [.. start];
            Compression.CompressScalar(ref here[0], ref block[offset], 3, 64, 0);
            Compression.CompressScalar(ref aligned[0], ref MemoryMarshal.AsBytes(words.AsSpan())[0], 3, 64, 0);
            Compression.Compress(chosen, block.AsSpan(offset, 64), 3, 64, 0);
            Assert.True(aligned.AsSpan().SequenceEqual(here), $"seed 11, offset {offset}");
            Assert.True(aligned.AsSpan().SequenceEqual(chosen), $"seed 11, offset {offset}, the one that the product takes");
        }
    }

    [SkippableFact]
    public void Two_chunks_side_by_side_equal_one_after_the_other()
    {
        Skip.IfNot(TwoChunks.IsSupported, "needs AVX2");
        Random random = new(10);
        uint[] key = new uint[8], values = new uint[16], expected = new uint[16];
        for (int length = 1025; length <= 2048; length++)
        {
            byte[] message = new byte[length];
            Fill(random, key, message);
            TwoChunks.Hash(key, Compression.DeriveKeyMaterial, message, values);
            for (int chunk = 0; chunk < 2; chunk++)
            {
                Span<uint> value = expected.AsSpan(8 * chunk, 8);
                key.CopyTo(value);
                ReadOnlySpan<byte> bytes = chunk == 0 ? message.AsSpan(0, 1024) : message.AsSpan(1024);
                Compression.CompressInput(value, bytes, (ulong)chunk, Compression.DeriveKeyMaterial, Compression.ChunkStart, Compression.ChunkEnd);
            }
            Assert.True(expected.AsSpan().SequenceEqual(values), $"seed 10, length {length}");
        }
    }

    [SkippableTheory]
    [InlineData(1024)]
    [InlineData(2049)]
    public void A_message_that_is_not_of_two_chunks_is_refused(int length)
    {
        Skip.IfNot(TwoChunks.IsSupported, "needs AVX2");
        Assert.Throws<ArgumentOutOfRangeException>(() => TwoChunks.Hash(new uint[8], 0, new byte[length], new uint[16]));
    }

    private static void Fill(Random random, uint[] words, byte[] bytes)
    {
        random.NextBytes(MemoryMarshal.AsBytes(words.AsSpan()));
        random.NextBytes(bytes);
    }
}
