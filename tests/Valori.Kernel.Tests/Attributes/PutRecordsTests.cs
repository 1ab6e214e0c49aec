using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Records with keys, fields and expiry: put, replaced, refused, found again, now and in the past.</summary>
public sealed class PutRecordsTests
{
    private static readonly Fields Ada = new FieldsBuilder { ["user"] = "ada", ["n"] = 3 }.Build();

    /// <summary>Computed from docs/formats.md by a program that shares nothing with this one.</summary>
    [Fact]
    public void The_leaf_of_a_record_with_attributes_never_changes()
    {
        Fields fields = new FieldsBuilder { ["user"] = "ada", ["topics"] = new[] { "tea", "time" }, ["score"] = 0.5, ["at"] = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero) }.Build();
        VectorBlock vector = Golden.Block(8, 0.25f, -0.125f, 0, 0, 0, 0, 0, 0);
        ValoriKernel kernel = new(8);
        kernel.Apply(new PutRecords(vector, new ulong[] { 7 }, [new RecordAttributes { Key = "memory-1", Fields = fields, ExpiresAtUnixMicroseconds = 1_795_564_800_000_000 }]));
        Assert.Equal("020675e790ab1ff7d936bf0a68d2df3ebfd74f85c62e972658c6f3b5a4cf9705", kernel.StateHash.ToString());
        InclusionProof proof = kernel.TakeView().Prove(new RecordId(0)).Value!;
        Assert.Equal(
            "020000000000000000070000000000000008000000"
            + "0040000000e0ffff00000000000000000000000000000000000000000000000000"
            + "0108006d656d6f72792d31"
            + "0149000000" + "0400020061740500e03b64fa600600050073636f726503000000000000e03f0600746f706963731402000000030000007465610400000074696d650400757365720403000000616461"
            + "01004013820e610600",
            Convert.ToHexStringLower(proof.Leaf.Span));

        ValoriKernel keyAlone = new(8);
        keyAlone.Apply(new PutRecords(vector, new ulong[] { 7 }, [new RecordAttributes { Key = "memory-1" }]));
        // The root over one leaf is the leaf.
        Assert.Equal("4cb9a8dab6b22c022cc2708ae5c591b18bbf2e26bd16e6e856d5b238afa2409d", keyAlone.TakeView().Prove(new RecordId(0)).Value!.Records.Root.ToString());
    }

    [Fact]
    public void Without_any_attribute_the_state_is_that_of_a_plain_insert()
    {
        VectorBlock vectors = Golden.Block(2, 1, 2, 3, 4);
        ValoriKernel plain = new(2), put = new(2);
        plain.Apply(new InsertRecords(vectors, new ulong[] { 5, 6 }));
        plain.Apply(new SetMetadata(new RecordId(1), new byte[] { 9 }));
        put.Apply(new PutRecords(vectors, new ulong[] { 5, 6 }, [RecordAttributes.None, new RecordAttributes { Metadata = new byte[] { 9 } }]));
        Assert.Equal(plain.StateHash, put.StateHash);
        Assert.IsType<InsertRecords>(PutRecords.Of(vectors, new ulong[2], [RecordAttributes.None, RecordAttributes.None], replace: true));
        Assert.IsType<PutRecords>(PutRecords.Of(vectors, new ulong[2], [RecordAttributes.None, new RecordAttributes { Metadata = Array.Empty<byte>() }]));
    }

    [Fact]
    public void An_upsert_moves_no_more_nodes_than_the_limit()
    {
        ValoriKernel kernel = new(2);
        PutRecords both = new(Golden.Block(2, 1, 2, 3, 4), new ulong[2], [new RecordAttributes { Key = "a" }, new RecordAttributes { Key = "b" }], Replace: true);
        kernel.Apply(both);
        for (int i = 0; i <= Limits.MaximumMovedNodes; i++) kernel.Apply(new CreateNode(new NodeKind(1), new RecordId(i == 0 ? 0UL : 1UL)));
        Refusal refusal = kernel.Decide(both).Refusal!;
        Assert.Equal(RefusalKind.LimitExceeded, refusal.Kind);
        Assert.Equal("more than 4096 nodes stand for the records that would be replaced, up to record 1: replace fewer records at once, or delete some of its nodes", refusal.Message);

        // Deleted nodes do not count.
        kernel.Apply(new DeleteNode(new NodeId(7)));
        kernel.Apply(both);
        Assert.Equal(new RecordId(3), kernel.TakeView().GetNode(new NodeId(8)).Value!.Record);
    }

    [Fact]
    public void A_record_is_found_by_its_key_and_shows_what_it_was_given()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new PutRecords(Golden.Block(2, 1, 2), new ulong[] { 5 }, [new RecordAttributes { Key = "k", Fields = Ada, ExpiresAtUnixMicroseconds = 17, Metadata = new byte[] { 1 } }]));
        RecordContent content = kernel.TakeView().GetRecord((RecordKey)"k").Value!;
        Assert.Equal((0UL, "k", 17L), (content.Id.Value, content.Key!.ToString(), content.ExpiresAtUnixMicroseconds));
        Assert.Equal(Ada, content.Fields);
        Assert.Equal([1], content.Metadata!.Value.ToArray());
        Assert.Equal("no record has the key 'j'", kernel.TakeView().GetRecord((RecordKey)"j").Refusal!.Message);
        Assert.Equal(new RecordId(0), kernel.TakeView().Find((RecordKey)"k", out _));
        Assert.Null(kernel.TakeView().Find(new RecordId(1), out Refusal? refusal));
        Assert.Equal("record 1 does not exist", refusal!.Message);
    }

    [Fact]
    public void The_default_of_a_reference_names_no_record()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(Put(replace: false, "a"));
        Assert.Null(kernel.TakeView().Find(default(RecordRef), out Refusal? refusal));
        Assert.Equal("neither the record's id nor its key is given: name the record by one of them", refusal!.Message);
        Assert.Equal(refusal, kernel.Decide(SetFields.Merge(default, Ada)).Refusal);
        Assert.Equal(new RecordId(0), ((RecordRef)new RecordId(0)).Id);
        Assert.NotEqual(default, (RecordRef)new RecordId(0));
    }

    [Fact]
    public void A_key_of_a_live_record_is_a_conflict_unless_it_is_to_be_replaced()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(Put(replace: false, "a"));
        Digest before = kernel.StateHash;
        Refusal refusal = kernel.Decide(Put(replace: false, "b", "a")).Refusal!;
        Assert.Equal(RefusalKind.Conflict, refusal.Kind);
        Assert.Equal("record 1 of the batch: the key 'a' is already used by the record with id 0: use upsert to replace it, or delete it first", refusal.Message);
        Assert.Equal(before, kernel.StateHash);
        kernel.Apply(Put(replace: true, "b", "a"));
        View view = kernel.TakeView();
        Assert.Equal("record 0 was deleted", view.GetRecord(new RecordId(0)).Refusal!.Message);
        Assert.Equal((2UL, 3UL), (view.RecordCount, view.RecordSlots));
        Assert.Equal(new RecordId(2), view.Find((RecordKey)"a", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_twice_in_a_batch_is_refused_by_name(bool replace) => Assert.Equal(
        "record 2 of the batch: the key 'a' appears twice: a batch has each key at most once", new ValoriKernel(1).Decide(Put(replace, "a", "b", "a")).Refusal!.Message);

    public static TheoryData<RecordAttributes, string> Refused => new()
    {
        { new RecordAttributes { Metadata = new byte[65_537] }, "metadata is 65537 bytes; the limit is 65536 (64 KiB)" },
        { new RecordAttributes { ExpiresAtUnixMicroseconds = long.MaxValue }, "expires_at is 9223372036854775807 microseconds since 1970; it must be in the years 1 to 9999" },
        { new RecordAttributes { ExpiresAtUnixMicroseconds = long.MinValue }, "expires_at is -9223372036854775808 microseconds since 1970; it must be in the years 1 to 9999" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_attribute_outside_the_limits_is_refused_with_its_value(RecordAttributes attributes, string message) =>
        Assert.Equal(message, new ValoriKernel(1).Decide(new PutRecords(Golden.Block(1, 1), new ulong[1], [attributes])).Refusal!.Message);

    [Fact]
    public void Vectors_tags_and_attributes_are_as_many()
    {
        ValoriKernel kernel = new(1);
        Assert.Equal("expected attributes for each vector: 2 vectors, attributes for 1", kernel.Decide(new PutRecords(Golden.Block(1, 1, 2), new ulong[2], [RecordAttributes.None])).Refusal!.Message);
        Assert.Equal("expected one tag per vector: 1 vectors, 2 tags", kernel.Decide(new PutRecords(Golden.Block(1, 1), new ulong[2], [RecordAttributes.None])).Refusal!.Message);
        Assert.Equal("expected 1 components, got 2", kernel.Decide(new PutRecords(Golden.Block(2, 1, 1), new ulong[1], [RecordAttributes.None])).Refusal!.Message);
    }

    [Fact]
    public void Nodes_of_a_replaced_record_stand_for_the_new_one_and_in_the_past_for_the_old_one()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(Put(replace: false, "a", "b"));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(0)));
        kernel.Apply(new CreateNode(NodeKind.Chunk, new RecordId(1)));
        kernel.Apply(new CreateNode(NodeKind.Document, new RecordId(0)));
        kernel.Apply(new DeleteNode(new NodeId(2)));
        View first = kernel.TakeView();
        kernel.Apply(Put(replace: true, "a"));
        kernel.Apply(new CreateNode(NodeKind.Record, new RecordId(2)));
        View second = kernel.TakeView();
        kernel.Apply(Put(replace: true, "a"));
        View third = kernel.TakeView();

        Assert.Equal([0UL, 2, 3], new[] { first, second, third }.Select(view => view.GetNode(new NodeId(0)).Value!.Record!.Value.Value));
        foreach (View view in new[] { first, second, third })
        {
            Assert.Equal(new RecordId(1), view.GetNode(new NodeId(1)).Value!.Record);
            ulong[] around = [.. view.SearchExpand(Golden.Block(1, 0), 5, null, 0).Value!.Where(hit => hit.Hit.Id == view.Find((RecordKey)"a", out _)).SelectMany(hit => hit.Nodes).Select(node => node.Value)];
            Assert.Equal(view == first ? [0UL] : [0UL, 3], around);
            ProvenNode proven = (ProvenNode)ProofVerifier.VerifyInclusion(view.Prove(new NodeId(0)).Value!.ToBytes(), view.StateHash).Value!;
            Assert.Equal(view.GetNode(new NodeId(0)).Value, proven.Content);
            Assert.Equal(view.StateHash, third.AsOf(view.Version).StateHash);
        }
    }

    /// <summary>A key that is replaced again and again is found as of each version, in a time that does not grow with them.</summary>
    [Fact]
    public void A_key_is_found_as_of_every_version_it_was_replaced_in()
    {
        const int Versions = 20_000;
        ValoriKernel kernel = new(1);
        List<ulong> versions = [];
        kernel.Apply(new CreateNode(NodeKind.Chunk, null));
        for (int i = 0; i < Versions; i++)
        {
            kernel.Apply(Put(replace: true, "hot", $"cold {i % 7}"));
            versions.Add(kernel.Mark());
        }
        View newest = kernel.TakeView();
        for (int i = 0; i < Versions; i += 13)
        {
            View then = newest.AsOf(versions[i]);
            Assert.Equal(2 * (ulong)i, then.Find((RecordKey)"hot", out _)!.Value.Value);
            Assert.Equal(2 * (ulong)i + 1, then.Find((RecordKey)$"cold {i % 7}", out _)!.Value.Value);
            Assert.Equal(i < 3, then.Find((RecordKey)"cold 3", out _) is null);
        }
    }

    [Fact]
    public void A_key_whose_record_was_deleted_is_free_again_and_the_past_remembers()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(Put(replace: false, "a"));
        View first = kernel.TakeView();
        kernel.Apply(new DeleteRecord(new RecordId(0)));
        View second = kernel.TakeView();
        kernel.Apply(Put(replace: false, "a"));
        View third = kernel.TakeView();
        Assert.Equal(new RecordId(0), first.Find((RecordKey)"a", out _));
        Assert.Null(second.Find((RecordKey)"a", out _));
        Assert.Equal(new RecordId(1), third.Find((RecordKey)"a", out _));
    }

    /// <summary>Leaves of many lengths, in batches that one thread or several hash, are those that the plain model computes.</summary>
    [Theory]
    [InlineData(3, 700)]
    [InlineData(300, 1500)]
    [InlineData(384, 40)]
    public void The_leaves_of_a_large_batch_are_those_of_the_plain_model(int dimension, int records)
    {
        RandomCommands commands = new(dimension, dimension);
        Random random = new(records);
        ValoriKernel kernel = new(dimension);
        NaiveModel model = new(dimension);
        for (int batch = 0; batch < 2; batch++)
        {
            RecordAttributes[] attributes = [.. Enumerable.Range(0, records).Select(i => i % 5 == 0 ? RecordAttributes.None : new RecordAttributes
            {
                Key = $"{new string('k', random.Next(40))} {i}",
                Fields = commands.Fields(),
                Metadata = i % 3 == 0 ? new byte[random.Next(30)] : null,
                ExpiresAtUnixMicroseconds = i % 4 == 0 ? i : null,
            })];
            PutRecords put = new(commands.Vectors(records), new ulong[records], attributes, Replace: true);
            kernel.Apply(put);
            Assert.True(model.Execute(put));
            Assert.Equal(model.StateHash(), kernel.StateHash);
        }
    }

    private static PutRecords Put(bool replace, params string[] keys) => new(
        Golden.Block(1, [.. Enumerable.Range(1, keys.Length).Select(i => i / 8f)]), new ulong[keys.Length], [.. keys.Select(key => new RecordAttributes { Key = key })], replace);
}
