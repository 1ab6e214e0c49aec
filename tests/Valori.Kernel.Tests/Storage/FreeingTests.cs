using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Storage;

/// <summary>Freeing what deletions and replaced values hold, step by step between commands, against a kernel that frees nothing.</summary>
public sealed class FreeingTests
{
    [Theory]
    // 32 rows a segment, with coarse columns; 16 without; and segments that are never full.
    [InlineData(1, 16_384)]
    [InlineData(2, 16_384, Metric.Dot)]
    [InlineData(3, 20_000)]
    [InlineData(4, 3, Metric.Cosine)]
    public void A_kernel_that_frees_memory_answers_as_one_that_does_not(int seed, int dimension, Metric metric = Metric.L2)
    {
        EngineSchema schema = new(dimension, metric);
        RandomCommands commands = new(seed, schema);
        ValoriKernel freeing = new(schema), keeping = new(schema);
        List<(View Freeing, View Keeping)> held = [];
        Random random = new(seed);
        int finished = 0, live = 0;
        for (int step = 0; step < 180; step++)
        {
            string place = $"seed {seed}, step {step}";
            // Many deletions, so that segments become sparse and empty; then many records again.
            bool deletes = random.Next(100) < (step / 60 % 2 == 0 ? 10 : 60);
            Command command = deletes ? new DeleteRecord(new RecordId((ulong)random.Next(1 + live))) : random.Next(3) == 0 ? commands.Insert(random.Next(1, 12)) : commands.Next();
            Outcome<Event> outcome = keeping.Decide(command);
            Assert.Equal(outcome.Refusal is null, freeing.Decide(command).Refusal is null);
            if (outcome.TryGet(out Event? happened, out _))
            {
                keeping.Apply(happened);
                freeing.Apply(happened);
            }
            if (random.Next(3) > 0) Assert.Equal(keeping.Mark(), freeing.Mark());
            if (Free(freeing, random)) finished++;
            live = (int)keeping.TakeView().RecordSlots;
            Assert.True(keeping.StateHash == freeing.StateHash, place);
            if (step % 7 == 0) held.Add((freeing.TakeView(), keeping.TakeView()));
            if (step % 50 != 49) continue;
            Compare(freeing.TakeView(), keeping.TakeView(), commands, random, place);
            (View Freeing, View Keeping) some = held[random.Next(held.Count)];
            Compare(some.Freeing, some.Keeping, commands, random, $"{place}, version {some.Keeping.Version} held");
            CompareEarlier(freeing.TakeView(), keeping.TakeView(), commands, random, place);
            CompareEarlier(some.Freeing, some.Keeping, commands, random, $"{place}, before version {some.Keeping.Version} held");
        }
        Assert.True(finished > 4, $"seed {seed}: freed {finished} times");
    }

    [Fact]
    public void Constant_upserts_keep_memory_near_what_is_live()
    {
        const int keys = 300, dimension = 4_000;
        ValoriKernel kernel = new(dimension);
        Random random = new(1);
        foreach (int key in Enumerable.Range(0, keys)) Upsert(kernel, key, random);
        long live = kernel.ApproximateMemoryBytes, most = 0;
        for (int i = 0; i < 10 * keys; i++)
        {
            Upsert(kernel, random.Next(keys), random);
            if (!kernel.IsFreeing && kernel.FreeableBytes > live / 4) kernel.BeginFreeing(long.MaxValue);
            else if (kernel.IsFreeing && kernel.FreeStep()) kernel.FinishFreeing();
            most = Math.Max(most, kernel.ApproximateMemoryBytes);
        }
        // Of so few megabytes, the slabs' unused ends are many.
        Assert.True(most < live * 3, $"{live} bytes are live, {most} were taken");
        Assert.Equal(keys, (int)kernel.TakeView().RecordCount);
    }

    [Fact]
    public void What_is_not_to_be_copied_stays_where_it_is()
    {
        ValoriKernel kernel = new(16_384);
        Random random = new(1);
        for (int i = 0; i < 256; i++) Upsert(kernel, i, random);
        for (int i = 0; i < 256; i += 2) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)i))).Value!);
        kernel.BeginFreeing(0);
        long before = kernel.FreeableBytes;
        kernel.FinishFreeing();
        Assert.InRange(kernel.FreeableBytes, before / 2, kernel.ApproximateMemoryBytes);
        kernel.BeginFreeing(long.MaxValue);
        kernel.FinishFreeing();
        Assert.Equal(0, kernel.FreeableBytes);
    }

    [Fact]
    public void A_round_that_would_free_little_waits_until_there_is_more()
    {
        ValoriKernel kernel = new(16_384);
        Random random = new(1);
        for (int i = 0; i < 256; i++) Upsert(kernel, i, random);
        for (int i = 0; i < 128; i += 2) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)i))).Value!);
        Assert.False(kernel.BeginFreeing(0, leastFreedBytes: kernel.FreeableBytes / 3));
        Assert.False(kernel.BeginFreeing(long.MaxValue, leastFreedBytes: kernel.FreeableBytes / 3));
        Assert.False(kernel.IsFreeing);
        for (int i = 128; i < 192; i += 2) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)i))).Value!);
        Assert.True(kernel.BeginFreeing(long.MaxValue, leastFreedBytes: kernel.FreeableBytes / 3));
        Assert.True(kernel.IsFreeing);
        kernel.FinishFreeing();
    }

    [Fact]
    public void Full_segments_between_deleted_ones_do_not_hold_the_memory_around_them()
    {
        const int rows = 32, segments = 32;
        ValoriKernel kernel = new(16_384);
        VectorBlock vectors = VectorBlock.FromComponents(kernel.Schema, [.. Enumerable.Range(0, rows * kernel.Dimension).Select(i => i % 7 * 0.5f)]).Value!;
        for (int i = 0; i < segments; i++) kernel.Apply(kernel.Decide(new InsertRecords(vectors, new ulong[rows])).Value!);
        long all = kernel.ApproximateMemoryBytes;
        for (int i = 0; i < rows * segments; i++)
        {
            if (i / rows % 8 != 0) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)i))).Value!);
        }
        kernel.BeginFreeing(0);
        kernel.FinishFreeing();
        Assert.True(kernel.ApproximateMemoryBytes > all / 2, $"{kernel.ApproximateMemoryBytes} bytes of {all}: what is shared is held whole");
        Assert.True(kernel.FreeableBytes > all / 3);
        kernel.BeginFreeing(long.MaxValue);
        kernel.FinishFreeing();
        Assert.True(kernel.ApproximateMemoryBytes < all / 3, $"{kernel.ApproximateMemoryBytes} bytes of {all}");
        Assert.Equal(0, kernel.FreeableBytes);
        // Those that are in slabs of their own now may stay there.
        kernel.BeginFreeing(long.MaxValue);
        kernel.FinishFreeing();
        Assert.True(kernel.ApproximateMemoryBytes < all / 3, $"{kernel.ApproximateMemoryBytes} bytes of {all}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(98)]
    public void What_freeing_takes_is_known_before_it_begins(int percentDeleted)
    {
        const int records = 20_000, batch = 500;
        ValoriKernel kernel = new(8);
        VectorBlock vectors = VectorBlock.FromComponents(kernel.Schema, [.. Enumerable.Range(0, 8 * batch).Select(i => i % 7 * 0.5f)]).Value!;
        for (int first = 0; first < records; first += batch)
        {
            RecordAttributes[] attributes =
            [
                .. Enumerable.Range(first, batch).Select(i => new RecordAttributes
                {
                    Key = $"record-{i:D8}",
                    Fields = new FieldsBuilder { ["number"] = i, ["padding"] = new string('x', i % 300) }.Build(),
                    Metadata = i % 3 == 0 ? new byte[100] : null,
                }),
            ];
            kernel.Apply(kernel.Decide(new PutRecords(vectors, new ulong[batch], attributes, Replace: false)).Value!);
        }
        for (int i = 0; i < records * percentDeleted / 100; i++) kernel.Apply(kernel.Decide(new DeleteRecord(new RecordId((ulong)(i * 7919L % records)))).Value!);
        long expected = kernel.BytesForFreeing;
        kernel.BeginFreeing(long.MaxValue);
        expected += kernel.CopiedBytes;
        while (!kernel.FreeStep())
        {
        }
        Assert.InRange(kernel.FreshBytes, expected * 0.6, expected * 1.2);
        kernel.FinishFreeing();
    }

    [Fact]
    public void A_step_takes_over_about_a_megabyte_of_large_metadata()
    {
        ValoriKernel kernel = new(3);
        RecordAttributes attributes = new() { Metadata = new byte[60_000] };
        for (int i = 0; i < 100; i++)
            kernel.Apply(kernel.Decide(new PutRecords(VectorBlock.FromComponents(kernel.Schema, [1, 2, 3]).Value!, new ulong[1], [attributes], Replace: false)).Value!);
        kernel.BeginFreeing(long.MaxValue);
        // 6 MB are taken over, then hashed.
        Assert.InRange(StepsToTheEnd(kernel), 10, 20);
        kernel.FinishFreeing();
    }

    [Fact]
    public void A_step_makes_a_few_parts_however_much_has_come()
    {
        ValoriKernel kernel = new(16_384);
        Random random = new(1);
        for (int i = 0; i < 640; i++) Upsert(kernel, i, random);
        kernel.BeginFreeing(long.MaxValue);
        kernel.Apply(kernel.Decide(new InsertRecords(VectorBlock.FromComponents(kernel.Schema, new float[160 * kernel.Dimension]).Value!, new ulong[160])).Value!);
        // 20 blocks of 32 records, whose vectors and leaves are a part each.
        Assert.InRange(StepsToTheEnd(kernel), 20, 50);
        kernel.FinishFreeing();
    }

    [Fact]
    public void Blocks_without_records_are_taken_over_together()
    {
        ValoriKernel kernel = new(16_384);
        Random random = new(1);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 400; i++) Upsert(kernel, i % 4, random);
            kernel.BeginFreeing(long.MaxValue);
            StepsToTheEnd(kernel);
            kernel.FinishFreeing();
        }
        View view = kernel.TakeView();
        Assert.Equal([1199UL, 1198UL, 1197UL, 1196UL], view.List(new ListQuery(Filter.All, 10) { Order = RecordOrder.ById with { IsDescending = true } }).Value!.Records.Select(record => record.Id.Value));
        Assert.Equal([1196UL, 1197UL, 1198UL, 1199UL], view.List(new ListQuery(Filter.All, 10)).Value!.Records.Select(record => record.Id.Value));
    }

    private static int StepsToTheEnd(ValoriKernel kernel)
    {
        int steps = 1;
        while (!kernel.FreeStep()) steps++;
        return steps;
    }

    private static void Upsert(ValoriKernel kernel, int key, Random random)
    {
        float[] vector = new float[kernel.Dimension];
        for (int i = 0; i < vector.Length; i++) vector[i] = random.NextSingle();
        RecordAttributes attributes = new() { Key = $"key {key}" };
        kernel.Apply(kernel.Decide(new PutRecords(VectorBlock.FromComponents(kernel.Schema, vector).Value!, new ulong[1], [attributes], Replace: true)).Value!);
    }

    /// <summary>Returns whether it was finished.</summary>
    private static bool Free(ValoriKernel kernel, Random random)
    {
        if (!kernel.IsFreeing)
        {
            if (random.Next(5) == 0) kernel.BeginFreeing(random.Next(3) switch { 0 => 0, 1 => 1 << 20, _ => long.MaxValue });
            return false;
        }
        bool isReady = random.Next(30) == 0;
        for (int steps = random.Next(4); steps > 0 && !isReady; steps--) isReady = kernel.FreeStep();
        if (isReady) kernel.FinishFreeing();
        return isReady;
    }

    /// <summary>Compares states that both can go back to, one at most.</summary>
    private static void CompareEarlier(View freeing, View keeping, RandomCommands commands, Random random, string place)
    {
        int compared = 0;
        for (ulong version = freeing.Version - 1; version > 0 && version + 40 > freeing.Version && compared < 1; version -= (ulong)random.Next(1, 8))
        {
            if (!HasVersion(freeing, version) || !HasVersion(keeping, version)) continue;
            Compare(freeing.AsOf(version), keeping.AsOf(version), commands, random, $"{place}, as of version {version}");
            compared++;
            if (version <= 8) break;
        }
    }

    private static bool HasVersion(View view, ulong version)
    {
        try
        {
            view.AsOf(version);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static void Compare(View freeing, View keeping, RandomCommands commands, Random random, string place)
    {
        Assert.True(keeping.StateHash == freeing.StateHash, place);
        Assert.True(Snapshot(keeping).AsSpan().SequenceEqual(Snapshot(freeing)), $"{place}: snapshot");
        VectorBlock queries = commands.Vectors(3);
        foreach (Filter filter in (Filter[])[Filter.All, Filter.Tag(1), Filter.Key("x"), commands.Filter(), commands.Filter(), !commands.Filter()])
        {
            SearchQuery search = new(queries, 1 + random.Next(12)) { Filter = filter, With = RecordParts.All };
            SearchHit[][] expected = keeping.SearchBatch(search).Value!, found = freeing.SearchBatch(search).Value!;
            for (int query = 0; query < expected.Length; query++)
                Assert.True(expected[query].Select(Shown).SequenceEqual(found[query].Select(Shown)), $"{place}: {search}");
            Assert.Equal(keeping.Count(filter), freeing.Count(filter));
            foreach (RecordOrder order in (RecordOrder[])[RecordOrder.ByKey, RecordOrder.ById with { IsDescending = true }])
            {
                ListQuery list = new(filter, 10) { Order = order };
                Assert.Equal(keeping.List(list).Value!.Records.Select(record => record.Id), freeing.List(list).Value!.Records.Select(record => record.Id));
            }
            Assert.Equal(keeping.List(new ListQuery(filter, 10)).Value!.Records.Select(record => record.Id), freeing.List(new ListQuery(filter, 10)).Value!.Records.Select(record => record.Id));
        }
        for (int i = 0; i < 10; i++)
        {
            RecordId record = new((ulong)random.Next(1 + (int)keeping.RecordSlots));
            NodeId node = new((ulong)random.Next(1 + (int)keeping.NodeSlots));
            EdgeId edge = new((ulong)random.Next(1 + (int)keeping.EdgeSlots));
            Assert.True(ShownRecord(keeping.GetRecord(record)) == ShownRecord(freeing.GetRecord(record)), $"{place}: record {record}");
            Assert.Equal(keeping.GetNode(node).ToString(), freeing.GetNode(node).ToString());
            Assert.Equal(keeping.GetEdges(node).Value?.Outgoing, freeing.GetEdges(node).Value?.Outgoing);
            Assert.Equal(keeping.GetEdges(node).Value?.Incoming, freeing.GetEdges(node).Value?.Incoming);
            Assert.Equal(keeping.Expand(node, 3).Value, freeing.Expand(node, 3).Value);
            AssertEqual(keeping.Prove(record), freeing.Prove(record), $"{place}: proof of record {record}");
            AssertEqual(keeping.Prove(node), freeing.Prove(node), $"{place}: proof of node {node}");
            AssertEqual(keeping.Prove(edge), freeing.Prove(edge), $"{place}: proof of edge {edge}");
        }
        foreach (RecordKey key in RandomCommands.Keys) Assert.Equal(keeping.Find(key, out _), freeing.Find(key, out _));
    }

    private static void AssertEqual(Outcome<InclusionProof> expected, Outcome<InclusionProof> found, string place) =>
        Assert.True(expected.Refusal == found.Refusal && expected.Value?.ToBytes().AsSpan().SequenceEqual(found.Value!.ToBytes()) != false, place);

    private static (RecordId, long, string) Shown(SearchHit hit) => (hit.Id, hit.Score, ShownRecord(hit.Record!));

    private static string ShownRecord(Outcome<RecordContent> outcome) =>
        outcome.TryGet(out RecordContent? record, out Refusal? refusal)
            ? $"{record.Id} {record.Tag} {Shown(MemoryMarshal.AsBytes(record.Vector.Span))} {Shown((record.Metadata ?? default).Span)} {record.Metadata is null} "
                + $"{record.Key} {Shown(record.Fields.Canonical.Span)} {record.ExpiresAtUnixMicroseconds}"
            : refusal.Message;

    private static string Shown(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private static byte[] Snapshot(View view)
    {
        History history = new();
        history.Extend(1, Digest.Zero, view.Version);
        using MemoryStream stream = new();
        SnapshotWriter.Write(stream, view, new SnapshotHeader(1, 1, history.Chain, view.StateHash, history.FrontierAt(1)));
        return stream.ToArray();
    }
}
