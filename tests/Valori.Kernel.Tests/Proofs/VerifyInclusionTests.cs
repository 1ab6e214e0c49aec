using System.Buffers.Binary;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Proofs;

public sealed class VerifyInclusionTests
{
    private const int Record = 1, Node = 2, Edge = 3;

    private static readonly NaiveState State = new(302, 66, 66);

    [Fact]
    public void Every_record_of_up_to_300_is_proven_for_its_state_and_for_no_other()
    {
        for (ulong count = 1; count <= 300; count++)
        {
            Digest stateHash = State.StateHash(count, 5, 4), next = State.StateHash(count + 1, 5, 4);
            for (int id = 0; id < (int)count; id++)
            {
                byte[] proof = State.Prove(Record, id, count, 5, 4).ToBytes();
                Assert.Equal(State.Text(Record, id), Proven(proof, stateHash));
                Refused(proof, next, $"expected a proof for the state hash {next}, found one for {stateHash}");
                Refused(proof, default, "expected a proof for the state hash 0000");
            }
        }
    }

    [Theory]
    [InlineData(Node)]
    [InlineData(Edge)]
    public void Every_node_and_every_edge_of_up_to_64_is_proven_for_its_state_and_for_no_other(byte kind)
    {
        for (ulong count = 1; count <= 64; count++)
        {
            ulong[] counts = [7, 6, 0], more = [7, 6, 0];
            counts[kind - 1] = count;
            more[kind - 1] = count + 1;
            Digest stateHash = State.StateHash(counts), next = State.StateHash(more);
            for (int id = 0; id < (int)count; id++)
            {
                byte[] proof = State.Prove(kind, id, counts).ToBytes();
                Assert.Equal(State.Text(kind, id), Proven(proof, stateHash));
                Refused(proof, next, "expected a proof for the state hash");
            }
        }
    }

    [Fact]
    public void The_JSON_form_proves_the_same()
    {
        for (ulong count = 1; count <= 40; count++)
        {
            for (byte kind = Record; kind <= Edge; kind++)
            {
                Digest stateHash = State.StateHash(count, count, count);
                for (int id = 0; id < (int)count; id++)
                    Assert.Equal(State.Text(kind, id), Proven(State.Prove(kind, id, count, count, count).ToJsonBytes(), stateHash));
            }
        }
    }

    [Fact]
    public void No_proof_holds_for_another_index()
    {
        for (ulong count = 1; count <= 300; count += count <= 40 ? 1ul : 5)
        {
            Digest stateHash = State.StateHash(count, 0, 0);
            for (int id = 0; id < (int)count; id++)
            {
                NaiveInclusion proof = State.Prove(Record, id, count, 0, 0);
                byte[] bytes = proof.ToBytes();
                Span<byte> leafId = bytes.AsSpan(bytes.Length - 1 - 32 * proof.Path.Count - proof.Leaf.Length + 1, 8);
                Assert.Equal((ulong)id, BinaryPrimitives.ReadUInt64LittleEndian(leafId));
                // All other indexes in small trees, some in large ones.
                for (ulong other = 0; other <= count + 1; other += count <= 40 ? 1 : 1 + count / 7)
                {
                    if (other == (ulong)id) continue;
                    BinaryPrimitives.WriteUInt64LittleEndian(leafId, other);
                    Refused(bytes, stateHash, "expected");
                }
            }
        }
    }

    [Fact]
    public void No_path_holds_under_another_index_even_where_the_leaf_is_the_one_of_that_index()
    {
        for (ulong count = 2; count <= 40; count++)
        {
            Digest stateHash = State.StateHash(count, 0, 0);
            for (int id = 0; id < (int)count; id++)
            {
                for (int other = 0; other < (int)count; other++)
                {
                    if (other == id) continue;
                    NaiveInclusion proof = State.Prove(Record, id, count, 0, 0) with { Path = State.Prove(Record, other, count, 0, 0).Path };
                    Refused(proof.ToBytes(), stateHash, "expected");
                }
            }
        }
    }

    [Theory]
    [InlineData(0, 1ul << 63)]
    [InlineData((1ul << 63) - 1, 1ul << 63)]
    [InlineData(1ul << 63, (1ul << 63) + 1)]
    [InlineData(0, (1ul << 63) + 1)]
    [InlineData(1ul << 40, (1ul << 40) + 1)]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(ulong.MaxValue / 3, ulong.MaxValue)]
    [InlineData((1ul << 63) - 1, ulong.MaxValue)]
    [InlineData(1ul << 63, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1, ulong.MaxValue)]
    public void A_tree_of_any_count_that_64_bits_hold_has_proofs(ulong id, ulong count)
    {
        byte[] leaf = NaiveState.EdgeLeaf(id, 3, 1, 2);
        Digest digest = NaiveInclusion.HashLeaf(Edge, leaf);
        NaiveTree tree = NaiveTree.Sparse(NaiveInclusion.HashLeaf(Edge, [7]), new Dictionary<ulong, Digest> { [id] = digest });
        NaiveInclusion proof = new(
            Edge, 1, [ulong.MaxValue, 0, count], [digest, default, tree.Root(count)], leaf, tree.Path(id, count));
        Assert.Equal(NaiveState.DescribeEdge(id, 3, 1, 2), Proven(proof.ToBytes(), proof.StateHash()));
        Assert.Equal(NaiveState.DescribeEdge(id, 3, 1, 2), Proven(proof.ToJsonBytes(), proof.StateHash()));
        NaiveInclusion longer = proof with { Path = [.. proof.Path, digest] }, shorter = proof with { Path = [.. proof.Path.Skip(1)] };
        Refused(longer.ToBytes(), proof.StateHash(), $"expected {proof.Path.Count} digests in the path (leaf {id} of {count}), found");
        Refused(shorter.ToBytes(), proof.StateHash(), $"expected {proof.Path.Count} digests in the path");
    }

    [Fact]
    public void The_kernels_own_state_hash_is_what_a_proof_leads_to()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 0.25f, -0.5f, 1, 2, -3, 4), new ulong[] { 5, 6, ulong.MaxValue }));
        kernel.Apply(new SetMetadata(new RecordId(0), new byte[] { 1, 2, 3 }));
        kernel.Apply(new DeleteRecord(new RecordId(1)));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(2)));
        kernel.Apply(new CreateNode(new NodeKind(200), null));
        kernel.Apply(new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.RefersTo));
        byte[][][] leaves =
        [
            [
                NaiveState.RecordLeaf(0, 5, [16_384, -32_768], [1, 2, 3]),
                NaiveState.Tombstone(1),
                NaiveState.RecordLeaf(2, ulong.MaxValue, [-196_608, 262_144], null),
            ],
            [NaiveState.NodeLeaf(0, 3, 2), NaiveState.NodeLeaf(1, 200, null)],
            [NaiveState.EdgeLeaf(0, 2, 0, 1)],
        ];
        NaiveTree[] trees = [.. leaves.Select((some, i) => NaiveTree.Over([.. some.Select(leaf => NaiveInclusion.HashLeaf(i + 1, leaf))]))];
        ulong[] counts = [3, 2, 1];
        Digest[] roots = [.. trees.Select((tree, i) => tree.Root(counts[i]))];
        string[][] texts =
        [
            [
                "record 0 tag 5 raw 16384 -32768 metadata 010203",
                "record 1 deleted",
                $"record 2 tag {ulong.MaxValue} raw -196608 262144 metadata none",
            ],
            ["node 0 kind 3 record 2", "node 1 kind 200 record "],
            ["edge 0 kind 2 0 -> 1"],
        ];
        for (int tree = 0; tree < 3; tree++)
        {
            for (int id = 0; id < texts[tree].Length; id++)
            {
                NaiveInclusion proof = new((byte)(tree + 1), 2, counts, roots, leaves[tree][id], trees[tree].Path((ulong)id, counts[tree]));
                Assert.Equal(texts[tree][id], Proven(proof.ToBytes(), kernel.StateHash));
            }
        }
    }

    [Fact]
    public void A_record_of_the_largest_dimension_with_the_longest_metadata_is_proven_in_both_forms()
    {
        int[] raw = [.. Enumerable.Range(0, Limits.MaximumDimension).Select(i => i * 80 - 2_000_000)];
        byte[] metadata = [.. Enumerable.Range(0, Limits.MaximumMetadataBytes).Select(i => (byte)(i * 7))];
        NaiveInclusion proof = NaiveInclusion.OfOne(Record, Limits.MaximumDimension, NaiveState.RecordLeaf(0, 1, raw, metadata));
        foreach (byte[] form in new[] { proof.ToBytes(), proof.ToJsonBytes() })
        {
            RecordContent content = ((ProvenRecord)ProofVerifier.VerifyInclusion(form, proof.StateHash()).Value!).Content!;
            Assert.Equal(raw, content.Vector.ToArray());
            Assert.Equal(metadata, content.Metadata!.Value.ToArray());
        }
        byte[] longer = NaiveState.RecordLeaf(0, 1, raw, [.. metadata, 0]);
        NaiveInclusion refused = NaiveInclusion.OfOne(Record, Limits.MaximumDimension, longer);
        Refused(refused.ToBytes(), refused.StateHash(), "expected at most 65536 bytes of metadata, found 65537");
        Refused(refused.ToJsonBytes(), refused.StateHash(), "expected at most 65536 bytes of metadata, found 65537");
    }

    [Theory]
    [InlineData(1, -(1 << 30), 1 << 30, 0)]
    [InlineData(2, -(1 << 30), (1 << 30) - 1, 46_341)]
    [InlineData(0, int.MinValue, 0, 0)]
    [InlineData(0, int.MinValue, int.MinValue, int.MinValue)]
    public void A_vector_that_the_formats_do_not_allow_is_refused(int component, params int[] raw)
    {
        NaiveInclusion proof = NaiveInclusion.OfOne(Record, 3, NaiveState.RecordLeaf(0, 1, raw, null));
        string message = $"expected a squared raw norm below 2^61, found more up to component {component}";
        Refused(proof.ToBytes(), proof.StateHash(), message);
        Refused(proof.ToJsonBytes(), proof.StateHash(), message);
    }

    [Fact]
    public void A_vector_just_within_the_limit_is_proven()
    {
        int[] raw = [-(1 << 30), (1 << 30) - 1, 46_340];
        NaiveInclusion proof = NaiveInclusion.OfOne(Record, 3, NaiveState.RecordLeaf(0, 1, raw, null));
        Assert.Equal(NaiveState.DescribeRecord(0, 1, raw, null), Proven(proof.ToBytes(), proof.StateHash()));
    }

    public static TheoryData<byte, byte[], string> WrongLeaves => new()
    {
        { Record, [], "expected 1 bytes of mark" },
        { Record, [2, .. new byte[8]], "expected 8 bytes of tag" },
        { Record, [3, .. new byte[8]], "expected a mark, 0 for a tombstone, 1 or 2 with attributes, found 3" },
        { Node, [2, .. new byte[8]], "expected 1 bytes of kind at offset 9" },
        { Node, [3, .. new byte[8]], "expected a mark, 0 for a tombstone, 1 or 2 with attributes, found 3" },
        { Node, [2, .. new byte[8], 1, 0, 0], "expected flags of attributes, some of 1, 8, found 0" },
        { Node, [2, .. new byte[8], 1, 0, 2, .. new byte[8]], "expected flags of attributes, some of 1, 8, found 2" },
        { Node, [2, .. new byte[8], 1, 0, 1, 2, 0, 0, 0, 0, 0], "expected fields: they are none, and would be left out" },
        { Node, [2, .. new byte[8], 1, 0, 1, 8, 0, 0, 0, 1, 0, 1, 0, (byte)'a', 1, 1], "expected 8 bytes of fields" },
        { Node, [2, .. new byte[8], 1, 0, 1, 7, 0, 0, 0, 1, 0, 1, 0, (byte)'a', 1, 1, 0], "expected the end of the leaf" },
        { Node, [1, .. new byte[8], 1, 0, 1, 7, 0, 0, 0, 1, 0, 1, 0, (byte)'a', 1, 1], "expected the end of the leaf" },
        { Edge, [2, .. new byte[25], 0], "expected flags of attributes, some of 1, 2, 4, found 0" },
        { Edge, [2, .. new byte[25], 8], "expected flags of attributes, some of 1, 2, 4, found 8" },
        { Edge, [2, .. new byte[25], 2, .. new byte[7]], "expected 8 bytes of valid_from" },
        { Edge, [2, .. new byte[25], 4, .. new byte[9]], "expected the end of the leaf" },
        { Edge, [2, .. new byte[25], 6, .. new byte[16]], "expected a valid time: valid_from is 1970-01-01T00:00:00.000000Z and valid_to is 1970-01-01T00:00:00.000000Z: the end must be later" },
        { Edge, [2, .. new byte[25], 4, .. new byte[7], 127], "expected a valid time: valid_to is 9151314442816847872 microseconds since 1970; it must be in the years 1 to 9999" },
        { Record, [255, .. new byte[8]], "expected a mark, 0 for a tombstone, 1 or 2 with attributes, found 255" },
        { Record, With(null, null, null), "expected the mark 1 of a record without attributes, found 2" },
        { Record, With("k"u8.ToArray(), null, null)[..^1], "expected 1 bytes of mark of the expiry" },
        { Record, With([], null, null), "expected a key: the key is empty" },
        { Record, With(new byte[257], null, null), "expected a key: the key is 257 bytes; the limit is 256" },
        { Record, With([0xFF], null, null), "expected a key: the key '\uFFFD' is not UTF-8" },
        { Record, With([0xED, 0xA0, 0x80], null, null), "expected a key: the key '\uFFFD\uFFFD\uFFFD' is not UTF-8" },
        { Record, With(null, [0, 0], null), "expected fields: they are none, and would be left out" },
        { Record, With(null, [1, 0, 1, 0, (byte)'a', 1, 2], null), "expected fields: a bool of 'a' is 2" },
        { Record, With(null, [1, 0, 1, 0, (byte)'a', 1, 1, 0], null), "expected fields: 1 bytes follow the last field" },
        { Record, With(null, null, long.MaxValue), "expected an expiry in the years 1 to 9999, found 9223372036854775807 microseconds since 1970" },
        { Record, [.. With("k"u8.ToArray(), null, 5), 0], "expected the end of the leaf" },
        { Record, new byte[8], "expected 8 bytes of id at offset 1 of the leaf, found 7" },
        { Record, new byte[10], "expected the end of the leaf at offset 9, found 1 more bytes" },
        { Record, NaiveState.Tombstone(1), "expected an id below 1, the number of records; found 1" },
        { Record, NaiveState.RecordLeaf(0, 0, [1], null), "expected the proof's dimension 2 in the leaf, found 1" },
        { Record, NaiveState.RecordLeaf(0, 0, [1, 2, 3], null), "expected the proof's dimension 2 in the leaf, found 3" },
        { Record, [.. NaiveState.RecordLeaf(0, 0, [1, 2], null), 0], "expected the end of the leaf at offset 30, found 1 more bytes" },
        { Record, [.. NaiveState.RecordLeaf(0, 0, [1, 2], null)[..^1], 2], "expected a mark of the metadata, 0 without or 1 with, found 2" },
        { Record, NaiveState.RecordLeaf(0, 0, [1, 2], null)[..^1], "expected 1 bytes of mark of the metadata" },
        { Record, NaiveState.RecordLeaf(0, 0, [1, 2], null)[..^2], "expected 8 bytes of raw values at offset 21 of the leaf, found 7" },
        { Record, NaiveState.RecordLeaf(0, 0, [1, 2], [5, 6])[..^1], "expected 2 bytes of metadata at offset 34 of the leaf, found 1" },
        { Record, [.. NaiveState.RecordLeaf(0, 0, [1, 2], [5, 6]), 7], "expected the end of the leaf at offset 36" },
        { Node, NaiveState.EdgeLeaf(0, 1, 2, 3), "expected a mark of the record, 0 without or 1 with, found 2" },
        { Node, [.. NaiveState.NodeLeaf(0, 1, null), 9], "expected the end of the leaf" },
        { Node, NaiveState.NodeLeaf(0, 1, 1)[..^1], "expected 8 bytes of record id" },
        { Node, NaiveState.NodeLeaf(1, 1, 1), "expected an id below 1, the number of nodes; found 1" },
        { Edge, NaiveState.EdgeLeaf(0, 1, 2, 3)[..^1], "expected 8 bytes of to" },
        { Edge, [.. NaiveState.EdgeLeaf(0, 1, 2, 3), 0], "expected the end of the leaf" },
        { Edge, NaiveState.EdgeLeaf(ulong.MaxValue, 1, 2, 3), $"expected an id below 1, the number of edges; found {ulong.MaxValue}" },
    };

    private static byte[] With(byte[]? key, byte[]? fields, long? expiry) => NaiveState.Attributed(NaiveState.RecordLeaf(0, 0, [1, 2], null), key, fields, expiry);

    [Theory]
    [MemberData(nameof(WrongLeaves))]
    public void A_leaf_that_is_not_of_the_formats_is_refused_although_its_hash_leads_to_the_state_hash(byte kind, byte[] leaf, string message)
    {
        NaiveInclusion proof = NaiveInclusion.OfOne(kind, 2, leaf);
        Refused(proof.ToBytes(), proof.StateHash(), message);
        Refused(proof.ToJsonBytes(), proof.StateHash(), message);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(65_537u)]
    [InlineData(uint.MaxValue)]
    public void A_dimension_that_the_formats_do_not_allow_is_refused(uint dimension)
    {
        NaiveInclusion proof = NaiveInclusion.OfOne(Node, dimension, NaiveState.NodeLeaf(0, 1, null));
        Refused(proof.ToBytes(), proof.StateHash(), $"expected a dimension of 1 to 65536, found {dimension}");
        Refused(proof.ToJsonBytes(), proof.StateHash(), $"expected a dimension of 1 to 65536, found {dimension}");
    }

    [Fact]
    public void A_leaf_of_an_empty_tree_is_refused()
    {
        NaiveInclusion proof = NaiveInclusion.OfOne(Node, 2, NaiveState.NodeLeaf(0, 1, null), count: 0);
        Refused(proof.ToBytes(), proof.StateHash(), "expected an id below 0, the number of nodes; found 0");
    }

    private static string Proven(byte[] proof, Digest stateHash)
    {
        Outcome<ProvenContent> outcome = ProofVerifier.VerifyInclusion(proof, stateHash);
        return outcome.TryGet(out ProvenContent? content, out Refusal? refusal) ? NaiveState.Describe(content) : refusal.Message;
    }

    private static void Refused(byte[] proof, Digest stateHash, string message)
    {
        Refusal? refusal = ProofVerifier.VerifyInclusion(proof, stateHash).Refusal;
        Assert.NotNull(refusal);
        Assert.Equal(RefusalKind.InvalidProof, refusal.Kind);
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }
}
