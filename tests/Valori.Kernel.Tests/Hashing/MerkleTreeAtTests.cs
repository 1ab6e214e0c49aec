using System.Buffers.Binary;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>A tree as it was, read while it goes on.</summary>
public sealed class MerkleTreeAtTests
{
    private static readonly HashContext LeafContext = new("Valori 2026-11-22 v1 record leaf");

    [Fact]
    public void Paths_and_consistency_proofs_are_those_of_the_RFC_for_every_count_and_index()
    {
        Digest[] leaves = [.. Enumerable.Range(0, 140).Select(Leaf)];
        MerkleTree tree = new();
        tree.Append(leaves);
        for (int count = 1; count <= leaves.Length; count++)
        {
            MerkleTreeAt at = At(tree, leaves, count, version: 0);
            Assert.Equal(NaiveModel.MerkleRoot(leaves.AsSpan(0, count)), at.Root());
            Assert.Equal(at.Root(), tree.RootOf((ulong)count));
            for (int index = 0; index < count; index++)
            {
                Assert.Equal(Path(index, leaves.AsSpan(0, count)), at.Path((ulong)index));
                Assert.Equal(Subproof(index + 1, leaves.AsSpan(0, count), isWhole: true), at.Consistency((ulong)index + 1));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_version_keeps_its_root_and_its_paths_whatever_is_appended_and_overwritten_later(int seed)
    {
        Random random = new(seed);
        MerkleTree tree = new();
        List<Digest[]> versions = [[]];
        for (ulong version = 1; version <= 120; version++)
        {
            List<Digest> leaves = [.. versions[^1]];
            if (leaves.Count == 0 || random.Next(2) == 0)
            {
                Digest[] more = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Leaf(random.Next()))];
                tree.Append(more);
                leaves.AddRange(more);
            }
            else
            {
                // Several in one version, as when a node takes its edges with it.
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    int index = random.Next(leaves.Count);
                    leaves[index] = Leaf(random.Next());
                    tree.Set((ulong)index, leaves[index], version);
                }
            }
            versions.Add([.. leaves]);
        }
        for (int version = 1; version < versions.Count; version++)
        {
            Digest[] leaves = versions[version];
            MerkleTreeAt at = At(tree, leaves, leaves.Length, (ulong)version);
            Assert.True(NaiveModel.MerkleRoot(leaves) == at.Root(), $"seed {seed}, version {version}");
            int index = random.Next(leaves.Length);
            Assert.True(Path(index, leaves).AsSpan().SequenceEqual(at.Path((ulong)index)), $"seed {seed}, version {version}, index {index}");
        }
    }

    [Fact]
    public async Task A_version_stays_right_while_the_writer_overwrites_and_appends()
    {
        const int seed = 5, count = 1_000;
        Random random = new(seed);
        Digest[] leaves = [.. Enumerable.Range(0, count).Select(Leaf)];
        MerkleTree tree = new();
        tree.Append(leaves);
        Digest root = tree.Root;
        Digest[] path = Path(321, leaves);

        int reads = 0;
        using CancellationTokenSource enough = new();
        Task writer = Task.Run(() =>
        {
            for (ulong version = 2; !enough.IsCancellationRequested; version++)
            {
                tree.Set((ulong)random.Next((int)tree.Count), Leaf(random.Next()), version);
                if (version % 64 == 0) tree.Append([Leaf(random.Next())]);
            }
        });
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 100; i++, Interlocked.Increment(ref reads))
            {
                // One that reads the notes of what was overwritten as it goes, and one that is used for several answers.
                MerkleTreeAt at = At(tree, leaves, count, version: 1);
                Assert.Equal(root, at.Root());
                Assert.Equal(path, at.Path(321));
            }
        }))];
        await Task.WhenAll(readers);
        await enough.CancelAsync();
        await writer;
        Assert.Equal(200, reads);
    }

    [Fact]
    public void A_tree_that_goes_on_from_a_frontier_is_the_whole_one()
    {
        Digest[] leaves = [.. Enumerable.Range(0, 200).Select(Leaf)];
        MerkleTree whole = new();
        whole.Append(leaves);
        for (int start = 0; start < leaves.Length; start++)
        {
            MerkleTree behind = new((ulong)start, whole.Frontier((ulong)start));
            Assert.Equal(whole.RootOf((ulong)start), behind.Root);
            foreach (Digest leaf in leaves.AsSpan(start)) behind.Append([leaf]);
            Assert.Equal(whole.Root, behind.Root);
            Assert.Equal(whole.Frontier(200), behind.Frontier(200));
            for (int count = start + 1; count <= leaves.Length; count += 13)
            {
                MerkleTreeAt ofWhole = At(whole, leaves, count, version: 0), ofBehind = At(behind, leaves, count, version: 0);
                for (int earlier = start + 1; earlier <= count; earlier++)
                {
                    Assert.Equal(ofWhole.Consistency((ulong)earlier), ofBehind.Consistency((ulong)earlier));
                    Assert.Equal(ofWhole.Path((ulong)earlier - 1), ofBehind.Path((ulong)earlier - 1));
                }
            }
        }
    }

    private static MerkleTreeAt At(MerkleTree tree, Digest[] leaves, int count, ulong version) =>
        new(tree, (ulong)count, version, index => leaves[index]);

    /// <summary>PATH(m, D[n]) of RFC 9162 section 2.1.3.1.</summary>
    private static Digest[] Path(int index, ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1) return [];
        int k = Split(leaves.Length);
        return index < k
            ? [.. Path(index, leaves[..k]), NaiveModel.MerkleRoot(leaves[k..])]
            : [.. Path(index - k, leaves[k..]), NaiveModel.MerkleRoot(leaves[..k])];
    }

    /// <summary>SUBPROOF(m, D[n], b) of RFC 9162 section 2.1.4.1.</summary>
    private static Digest[] Subproof(int earlier, ReadOnlySpan<Digest> leaves, bool isWhole)
    {
        if (earlier == leaves.Length) return isWhole ? [] : [NaiveModel.MerkleRoot(leaves)];
        int k = Split(leaves.Length);
        return earlier <= k
            ? [.. Subproof(earlier, leaves[..k], isWhole), NaiveModel.MerkleRoot(leaves[k..])]
            : [.. Subproof(earlier - k, leaves[k..], isWhole: false), NaiveModel.MerkleRoot(leaves[..k])];
    }

    private static int Split(int count)
    {
        int k = 1;
        while (k * 2 < count) k *= 2;
        return k;
    }

    private static Digest Leaf(int index)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, index);
        return LeafContext.Hash(bytes);
    }
}
