namespace Valori.Kernel.Tests.Hashing;

/// <summary>The leaves of a batch against the leaves of single records.</summary>
public sealed class LeavesTests
{
    /// <summary>Around the boundaries of blocks and chunks, through the widest that go side by side, up to the limit.</summary>
    public static TheoryData<int> Dimensions =>
    [
        1, 2, 3, 10, 11, 26, 27, 100, 128, 249, 250, 251, 255, 256, 257, 384, 505, 506, 507, 512, 600, 762, 1024, 1536,
        4090, 4091, 65_536,
    ];

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void The_leaves_of_a_batch_are_those_of_its_records(int dimension)
    {
        Random random = new(dimension);
        RecordLeaves batch = new(dimension), single = new(dimension);
        foreach (int count in dimension > 4000 ? [2] : new[] { 0, 1, 2, 7, 8, 9, 16, 17, 40 })
        {
            foreach (bool isNarrow in new[] { true, false })
            {
                const int skipped = 1; // rows of the block in front of the first leaf
                float[] components = new float[(count + skipped) * dimension];
                for (int i = 0; i < components.Length; i++) components[i] = (random.NextSingle() - 0.5f) * (isNarrow ? 0.9f : 80);
                VectorBlock block = VectorBlock.FromComponents(dimension, components).Value!;
                ulong[] tags = [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64())];
                Digest[] leaves = new Digest[count];
                batch.Hash(new RecordId(1000), tags, block, skipped, leaves);

                int[] raw = new int[dimension];
                for (int i = 0; i < count; i++)
                {
                    block.CopyRow(i + skipped, raw);
                    Digest expected = single.Hash(new RecordId(1000 + (ulong)i), tags[i], raw, null);
                    Assert.True(expected == leaves[i], $"seed {dimension}, {count} records, narrow {isNarrow}, record {i}");
                }
            }
        }
    }

    [Fact]
    public void Metadata_is_part_of_the_leaf_and_empty_is_not_none()
    {
        RecordLeaves leaves = new(3);
        int[] raw = [1, 2, 3];
        Digest[] all =
        [
            leaves.Hash(new RecordId(0), 0, raw, null),
            leaves.Hash(new RecordId(0), 0, raw, []),
            leaves.Hash(new RecordId(0), 0, raw, [0]),
            leaves.Hash(new RecordId(0), 0, raw, new byte[Limits.MaximumMetadataBytes]),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], leaves.Hash(new RecordId(0), 0, raw, null)); // what the workspace held before does not matter
    }

    [Fact]
    public void Many_materials_of_any_length_equal_one_by_one()
    {
        HashContext context = new("Valori tests 2026-11-24 many");
        Random random = new(6);
        foreach (int length in new[] { 1, 64, 1023, 1024, 1025, 2048, 2049, 3072, 3073, 5000, 7 * 1024, 16 * 1024, 16 * 1024 + 1, 20_000 })
        {
            foreach (int count in new[] { 1, 2, 5, 16, 19 })
            {
                int stride = length + random.Next(3);
                byte[] materials = new byte[stride * count];
                random.NextBytes(materials);
                Digest[] digests = new Digest[count];
                context.HashMany(materials, length, stride, digests);
                for (int i = 0; i < count; i++)
                    Assert.True(context.Hash(materials.AsSpan(i * stride, length)) == digests[i], $"seed 6, length {length}, count {count}, {i}");
            }
        }
    }
}
