using System.Buffers.Binary;
using System.Text.Json;

namespace Valori.Kernel.Tests.Hashing;

public sealed class MerkleTreeTests
{
    private static readonly HashContext LeafContext = new("Valori 2026-11-22 v1 record leaf");

    [Fact]
    public void Roots_are_the_golden_ones_however_the_leaves_came()
    {
        int cases = 0;
        foreach (JsonElement golden in Golden.Json("merkle.json").GetProperty("cases").EnumerateArray())
        {
            int count = golden.GetProperty("count").GetInt32();
            string expected = golden.GetProperty("root").GetString()!;
            Assert.Equal(expected, Grown(count, batch: 1).Root.ToString());
            Assert.Equal(expected, Grown(count, batch: 7).Root.ToString());
            Assert.Equal(expected, Grown(count, batch: Math.Max(1, count)).Root.ToString());
            cases++;
        }
        Assert.True(cases >= 10, $"only {cases} cases");
    }

    [Theory]
    [InlineData(3)]
    public void A_tree_grown_by_batches_of_any_size_is_the_one_of_the_RFC(int seed)
    {
        Random random = new(seed);
        Digest[] leaves = [.. Enumerable.Range(0, 5_000).Select(Leaf)];
        for (int round = 0; round < 5; round++)
        {
            MerkleTree tree = new();
            for (int first = 0; first < leaves.Length;)
            {
                int batch = Math.Min(leaves.Length - first, random.Next(3) == 0 ? random.Next(2_500) : random.Next(30));
                tree.Append(leaves.AsSpan(first, batch));
                first += batch;
                if (random.Next(20) == 0) Assert.True(NaiveModel.MerkleRoot(leaves.AsSpan(0, first)) == tree.Root, $"seed {seed}, {first} leaves");
            }
            Assert.True(NaiveModel.MerkleRoot(leaves) == tree.Root, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_changed_leaf_gives_the_root_of_a_tree_built_anew(int seed)
    {
        Random random = new(seed);
        for (int count = 1; count <= 130; count++)
        {
            MerkleTree changed = Grown(count, batch: 5);
            Digest[] leaves = [.. Enumerable.Range(0, count).Select(Leaf)];
            for (int change = 0; change < 5; change++)
            {
                int index = random.Next(count);
                leaves[index] = Leaf(random.Next());
                changed.Set((ulong)index, leaves[index]);
                // Of every other count: after each change, and not only after several.
                if (count % 2 == 0) Assert.True(NaiveModel.MerkleRoot(leaves) == changed.Root, $"seed {seed}, {count} leaves, change {change}");
            }
            Assert.True(NaiveModel.MerkleRoot(leaves) == changed.Root, $"seed {seed}, {count} leaves");
            changed.Append([Leaf(count)]);
            Assert.True(NaiveModel.MerkleRoot([.. leaves, Leaf(count)]) == changed.Root, $"seed {seed}, {count} leaves and one");
        }
    }

    private static MerkleTree Grown(int count, int batch)
    {
        MerkleTree tree = new(new PastDigests());
        for (int first = 0; first < count; first += batch)
            tree.Append([.. Enumerable.Range(first, Math.Min(batch, count - first)).Select(Leaf)]);
        return tree;
    }

    private static Digest Leaf(int index)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, index);
        return LeafContext.Hash(bytes);
    }
}
