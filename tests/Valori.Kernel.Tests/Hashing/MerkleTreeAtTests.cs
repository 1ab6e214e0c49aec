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
            MerkleTreeAt at = new(tree, (ulong)count);
            Assert.Equal(NaiveModel.MerkleRoot(leaves.AsSpan(0, count)), at.Root());
            Assert.Equal(at.Root(), tree.RootOf((ulong)count));
            for (int index = 0; index < count; index++)
            {
                Assert.Equal(Path(index, leaves.AsSpan(0, count)), at.Path((ulong)index));
                Assert.Equal(Subproof(index + 1, leaves.AsSpan(0, count), isWhole: true), at.Consistency((ulong)index + 1));
            }
        }
    }

    /// <summary>From nothing, and from just below and above where blocks and the upper level begin.</summary>
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 5)]
    [InlineData(3, 4_090, 1)]
    [InlineData(4, 8_185, 9)]
    [InlineData(5, 12_300, 300)]
    public void Every_mark_keeps_its_root_and_its_paths_whatever_is_appended_and_overwritten_later(int seed, int start, int mostSets)
    {
        Random random = new(seed);
        PastDigests past = new();
        MerkleTree tree = new(past);
        List<Digest> now = [.. Enumerable.Range(0, start).Select(Leaf)];
        tree.Append([.. now]);
        List<(Digest[] Leaves, ulong Mark)> marks = [];
        for (int i = 0; i < 100; i++)
        {
            marks.Add(([.. now], past.Mark()));
            if (now.Count == 0 || random.Next(3) == 0)
            {
                Digest[] more = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Leaf(random.Next()))];
                tree.Append(more);
                now.AddRange(more);
            }
            // Several between two marks, also of one leaf; often at the right edge, where no block is complete.
            for (int sets = random.Next(mostSets + 1); sets > 0; sets--)
            {
                int index = random.Next(3) == 0 ? now.Count - 1 - random.Next(Math.Min(now.Count, 40)) : random.Next(now.Count);
                now[index] = Leaf(random.Next());
                tree.Set((ulong)index, now[index]);
            }
        }
        foreach ((Digest[] leaves, ulong mark) in marks)
        {
            MerkleTreeAt at = new(tree, (ulong)leaves.Length, past, mark, index => now[(int)index] == leaves[index] ? null : leaves[index]);
            Assert.True(NaiveModel.MerkleRoot(leaves) == at.Root(), $"seed {seed}, mark {mark}");
            foreach (int index in new[] { 0, random.Next(leaves.Length), leaves.Length - 1 })
            {
                if (leaves.Length == 0) continue;
                Assert.True(Path(index, leaves).AsSpan().SequenceEqual(at.Path((ulong)index)), $"seed {seed}, mark {mark}, index {index}");
            }
        }
    }

    [Theory]
    [InlineData(5, 1_000)]
    [InlineData(6, 9_000)]
    public async Task A_mark_stays_right_while_the_writer_overwrites_and_appends(int seed, int count)
    {
        Random random = new(seed);
        Digest[] leaves = [.. Enumerable.Range(0, count).Select(Leaf)];
        PastDigests past = new();
        MerkleTree tree = new(past);
        tree.Append(leaves);
        ulong mark = past.Mark();
        Digest root = tree.Root;
        Digest[] path = Path(321, leaves);
        bool[] isChanged = new bool[count];

        int reads = 0;
        using CancellationTokenSource enough = new();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                int index = random.Next((int)tree.Count);
                if (index < count) Volatile.Write(ref isChanged[index], true);
                tree.Set((ulong)index, Leaf(random.Next()));
                if (i % 3 == 0) past.Mark();
                if (i % 64 == 0) tree.Append([Leaf(random.Next())]);
            }
        });
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 100; i++, Interlocked.Increment(ref reads))
            {
                MerkleTreeAt at = new(tree, (ulong)count, past, mark, index => Volatile.Read(ref isChanged[index]) ? leaves[index] : null);
                Assert.Equal(root, at.Root());
                Assert.Equal(path, at.Path(321));
            }
        }))];
        try
        {
            await Task.WhenAll(readers);
        }
        finally
        {
            await enough.CancelAsync();
        }
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
                MerkleTreeAt ofWhole = new(whole, (ulong)count), ofBehind = new(behind, (ulong)count);
                for (int earlier = start + 1; earlier <= count; earlier++)
                {
                    Assert.Equal(ofWhole.Consistency((ulong)earlier), ofBehind.Consistency((ulong)earlier));
                    Assert.Equal(ofWhole.Path((ulong)earlier - 1), ofBehind.Path((ulong)earlier - 1));
                }
            }
        }
    }

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
