using System.Runtime.Intrinsics;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>Many inputs at once, in every register width, against one input at a time.</summary>
public sealed class ManyHasherTests
{
    private static readonly uint[] Key = [.. Enumerable.Range(1, 8).Select(i => 0x9E3779B9u * (uint)i)];

    /// <summary>The whole of a length's last block, one byte less, one more, and some between.</summary>
    private static readonly int[] Lengths =
    [
        1, 2, 3, 4, 5, 31, 32, 33, 100, 534, 777, 1023,
        .. Enumerable.Range(1, 16).SelectMany(blocks => new[] { 64 * blocks - 1, 64 * blocks, Math.Min(64 * blocks + 1, 1024) }),
    ];

    private delegate void HashGroup(in HashJob job, ref byte input, int inputs, ulong counter, ref byte output);

    [Fact]
    public void Every_length_and_partly_filled_group_in_4_lanes_equals_one_by_one() =>
        CheckGroups(LaneHasher<Lanes128, Vector128<uint>>.Hash, Lanes128.Count);

    [Fact]
    public void Every_length_and_partly_filled_group_in_8_lanes_equals_one_by_one() =>
        CheckGroups(LaneHasher<Lanes256, Vector256<uint>>.Hash, Lanes256.Count);

    [Fact]
    public void Every_length_and_partly_filled_group_in_16_lanes_equals_one_by_one() =>
        CheckGroups(LaneHasher<Lanes512, Vector512<uint>>.Hash, Lanes512.Count);

    [Fact]
    public void Any_number_of_inputs_equals_one_by_one()
    {
        Random random = new(4);
        for (int count = 0; count <= 40; count++)
        {
            foreach (int length in new[] { 1, 63, 64, 65, 534, 1024 })
            {
                HashJob job = RandomJob(random, length);
                byte[] inputs = RandomInputs(random, job, count);
                byte[] outputs = new byte[job.OutputStride * count];
                ManyHasher.Hash(job, inputs, count, outputs);
                Assert.True(OneByOne(job, inputs, count, job.Counter).AsSpan().SequenceEqual(outputs), $"seed 4, count {count}, length {length}");
            }
        }
    }

    [Fact]
    public void Outputs_may_take_the_place_of_the_inputs()
    {
        Random random = new(5);
        for (int count = 1; count <= 70; count++)
        {
            HashJob job = new() { Key = Key, Length = 64, InputStride = 64, Flags = Compression.Parent };
            byte[] memory = RandomInputs(random, job, count);
            byte[] expected = OneByOne(job, memory, count, 0);
            ManyHasher.Hash(job, memory, count, memory);
            Assert.True(expected.AsSpan().SequenceEqual(memory.AsSpan(0, 32 * count)), $"seed 5, count {count}");
        }
    }

    [Fact]
    public void Memory_too_short_for_the_job_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ManyHasher.Hash(Job(64), new byte[127], 2, new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ManyHasher.Hash(Job(64), new byte[128], 2, new byte[63]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ManyHasher.Hash(Job(1025), new byte[2050], 2, new byte[64]));

        static HashJob Job(int length) => new() { Key = Key, Length = length, InputStride = length, Flags = 0 };
    }

    private static void CheckGroups(HashGroup hash, int lanes)
    {
        Random random = new(lanes);
        foreach (int length in Lengths)
        {
            foreach (int count in new[] { lanes, 1, random.Next(1, lanes), lanes - 1 })
            {
                HashJob job = RandomJob(random, length);
                byte[] inputs = RandomInputs(random, job, count);
                byte[] outputs = new byte[job.OutputStride * count];
                hash(job, ref inputs[0], count, job.Counter, ref outputs[0]);
                Assert.True(OneByOne(job, inputs, count, job.Counter).AsSpan().SequenceEqual(outputs), $"seed {lanes}, count {count}, length {length}");
            }
        }
    }

    /// <summary>Strides of every alignment; counters that carry into their upper half in some lane.</summary>
    private static HashJob RandomJob(Random random, int length) => new()
    {
        Key = Key,
        Length = length,
        InputStride = length + random.Next(70),
        OutputStride = 32 + random.Next(70),
        Counter = uint.MaxValue - (ulong)random.Next(20),
        CounterStep = (uint)random.Next(2),
        Flags = Compression.DeriveKeyMaterial,
        FirstBlockFlags = Compression.ChunkStart,
        LastBlockFlags = Compression.ChunkEnd | (random.Next(2) == 0 ? Compression.Root : 0),
    };

    private static byte[] RandomInputs(Random random, in HashJob job, int count)
    {
        byte[] inputs = new byte[count == 0 ? 0 : job.InputStride * (count - 1) + job.Length];
        random.NextBytes(inputs);
        return inputs;
    }

    private static byte[] OneByOne(in HashJob job, ReadOnlySpan<byte> inputs, int count, ulong counter)
    {
        byte[] outputs = new byte[job.OutputStride * count];
        for (int i = 0; i < count; i++, counter += job.CounterStep)
            ManyHasher.HashOne(job, inputs.Slice(job.InputStride * i, job.Length), counter, outputs.AsSpan(job.OutputStride * i));
        return outputs;
    }
}
