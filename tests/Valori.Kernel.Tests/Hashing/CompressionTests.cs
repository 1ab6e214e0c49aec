using System.Runtime.InteropServices;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>Compressions by rows, of several blocks, and into another place, against scalar code of one block: which of them the product takes depends on the processor.</summary>
public sealed class CompressionTests
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
            ScalarCompression.Compress(ref scalar[0], ref block[0], counter, length, flags);
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
            ScalarCompression.Compress(ref here[0], ref block[offset], 3, 64, 0);
            ScalarCompression.Compress(ref aligned[0], ref MemoryMarshal.AsBytes(words.AsSpan())[0], 3, 64, 0);
            Compression.Compress(chosen, block.AsSpan(offset, 64), 3, 64, 0);
            Assert.True(aligned.AsSpan().SequenceEqual(here), $"seed 11, offset {offset}");
            Assert.True(aligned.AsSpan().SequenceEqual(chosen), $"seed 11, offset {offset}, the one that the product takes");
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_chunks_at_once_equal_one_after_the_other(bool prefersRows)
    {
        Skip.IfNot(TwoChunks.IsSupported, "needs AVX2");
        Random random = new(10);
        uint[] key = new uint[8], values = new uint[16], expected = new uint[16];
        for (int length = 1025; length <= 2048; length++)
        {
            byte[] message = new byte[length];
            Fill(random, key, message);
            TwoChunks.Hash(key, Compression.DeriveKeyMaterial, message, values, prefersRows);
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

    [Fact]
    public void Blocks_in_a_row_equal_one_after_the_other()
    {
        Random random = new(12);
        uint[] start = new uint[8];
        byte[] blocks = new byte[16 * 64];
        for (int count = 1; count <= 16; count++)
        {
            Fill(random, start, blocks);
            uint[] together = [.. start], each = [.. start];
            ScalarCompression.CompressBlocks(ref together[0], ref blocks[0], count, 7, 64, 1, 2);
            for (int block = 0; block < count; block++)
            {
                uint flags = 64u | (block == 0 ? 1u : 0) | (block == count - 1 ? 2u : 0);
                ScalarCompression.Compress(ref each[0], ref blocks[64 * block], 7, 64, flags);
            }
            Assert.True(each.AsSpan().SequenceEqual(together), $"seed 12, {count} blocks");
        }
    }

    [Fact]
    public void A_parent_in_another_place_equals_one_in_place()
    {
        Random random = new(13);
        uint[] key = new uint[8], scalar = new uint[8], chosen = new uint[8];
        byte[] block = new byte[64];
        for (int round = 0; round < 1_000; round++)
        {
            Fill(random, key, block);
            uint[] expected = [.. key];
            ScalarCompression.Compress(ref expected[0], ref block[0], 0, 64, 75);
            ScalarCompression.CompressParent(ref key[0], ref block[0], 75, ref scalar[0]);
            Compression.CompressParent(key, block, 75, chosen);
            Assert.True(expected.AsSpan().SequenceEqual(scalar), $"seed 13, round {round}");
            Assert.True(expected.AsSpan().SequenceEqual(chosen), $"seed 13, round {round}, the one that the product takes");
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
