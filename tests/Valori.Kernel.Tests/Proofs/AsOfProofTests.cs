using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>What a kernel proves of an earlier state is, byte for byte, what a kernel proves that stopped there.</summary>
public sealed class AsOfProofTests
{
    private const int Dimension = 2;

    private static readonly ContentKind[] Kinds = [ContentKind.Record, ContentKind.Node, ContentKind.Edge];

    /// <summary>Trees of a few leaves, and ones that begin below and above where the upper level of kept digests does.</summary>
    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(2, 4_000, false)]
    [InlineData(3, 9_000, false)]
    [InlineData(4, 0, true)]
    [InlineData(5, 8_150, true)]
    public async Task Every_proof_as_of_a_state_is_that_of_a_kernel_which_stopped_there(int seed, int records, bool isRestored)
    {
        RandomCommands commands = new(seed, Dimension);
        Random random = new(seed);
        ValoriKernel first = new(Dimension);
        first.Apply(first.Decide(commands.Insert(records)).Value!);
        if (isRestored) ApplySome(first, commands, 200);
        // A restore makes a new kernel, and its past begins there.
        byte[] start = Snapshot(first.TakeView());

        List<Event[]> entries = Entries(Kernel(start), commands, random);
        List<Expected> states = States(start, entries, random);
        ValoriKernel kernel = Kernel(start);
        View published = kernel.TakeView();
        Task writer = Task.Run(() =>
        {
            foreach (Event[] entry in entries)
            {
                foreach (Event happened in entry) kernel.Apply(happened);
                Volatile.Write(ref published, kernel.TakeView());
            }
            // Old states stay what they were, whatever comes.
            for (int i = 0; i < 500; i++)
            {
                ApplySome(kernel, commands, 1 + i % 7);
                Volatile.Write(ref published, kernel.TakeView());
            }
        });
        Task[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            Random which = new(seed + reader);
            for (int i = 0; i < 300; i++)
            {
                View latest = Volatile.Read(ref published);
                Expected state = states[which.Next(states.Count(state => state.Version <= latest.Version))];
                AssertSame(state, latest, $"seed {seed}, read {i}");
            }
        }))];
        await Task.WhenAll([writer, .. readers]);
        foreach (Expected state in states) AssertSame(state, published, $"seed {seed}, at the end");
    }

    /// <summary>One record, node and edge among others, the record's metadata changed 20,000 times.</summary>
    [Fact]
    public void A_leaf_that_changes_again_and_again_is_proven_as_of_every_state()
    {
        const int changes = 20_000;
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, [.. Enumerable.Range(0, 100).Select(i => (float)i)]), new ulong[100]));
        RecordId id = new(57);
        for (int i = 0; i < changes; i++)
        {
            kernel.Mark();
            kernel.Apply(new SetMetadata(id, BitConverter.GetBytes(i)));
        }
        View latest = kernel.TakeView();
        for (int i = 1; i < changes; i += 7)
        {
            View then = latest.AsOf((ulong)i + 1);
            ProvenRecord proven = (ProvenRecord)ProofVerifier.VerifyInclusion(then.Prove(id).Value!.ToBytes(), then.StateHash).Value!;
            Assert.Equal(i - 1, BitConverter.ToInt32(proven.Content!.Metadata!.Value.Span));
            Assert.NotNull(ProofVerifier.VerifyInclusion(then.Prove(new RecordId(56)).Value!.ToBytes(), then.StateHash).Value);
        }
    }

    [Fact]
    public void A_change_takes_no_more_memory_than_the_limits_say()
    {
        const int records = 20_000;
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, [.. Enumerable.Range(0, records).Select(i => (float)i)]), new ulong[records]));
        kernel.Mark();
        long before = kernel.ApproximateMemoryBytes;
        for (ulong id = 0; id < records; id++) kernel.Apply(new DeleteRecord(new RecordId(id)));
        kernel.Mark();
        // Changes between two marks share what is kept: a digest of each 32 leaves, one of each 4,096, and a chunk.
        Assert.InRange(kernel.ApproximateMemoryBytes - before, 0, 2 * 40_960 + 96);
        for (ulong id = 0; id < records; id++)
        {
            kernel.Apply(new CreateNode(NodeKind.Chunk, null));
            kernel.Mark();
        }
        before = kernel.ApproximateMemoryBytes;
        for (ulong id = 0; id < records; id++)
        {
            kernel.Apply(new DeleteNode(new NodeId(id)));
            kernel.Mark();
        }
        // 80 bytes of digests, 96 of the mark.
        Assert.InRange((kernel.ApproximateMemoryBytes - before) / records, 160, 180);
    }

    /// <summary>What happens between two marks: one event or several.</summary>
    private static List<Event[]> Entries(ValoriKernel kernel, RandomCommands commands, Random random)
    {
        List<Event[]> entries = [];
        while (entries.Count < 150)
        {
            List<Event> events = [];
            for (int i = random.Next(1, 9); i > 0; i--)
            {
                if (!kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) continue;
                kernel.Apply(happened);
                events.Add(happened);
            }
            if (events.Count > 0) entries.Add([.. events]);
        }
        return entries;
    }

    /// <summary>Proofs and digests of each state from a kernel of its own, for which it is the present one.</summary>
    private static List<Expected> States(byte[] start, List<Event[]> entries, Random random)
    {
        List<Expected> states = [];
        for (int length = 0; length <= entries.Count; length++)
        {
            ValoriKernel stopped = Kernel(start);
            foreach (Event happened in entries.Take(length).SelectMany(entry => entry)) stopped.Apply(happened);
            View view = stopped.TakeView();
            List<(ContentKind, ulong, byte[])> proofs = [];
            List<(ContentKind, TreePlace[], Digest[])> digests = [];
            foreach (ContentKind kind in Kinds)
            {
                ulong slots = view.SlotsOf(kind);
                if (slots == 0) continue;
                foreach (ulong id in (ulong[])[slots - 1, Some(slots), Some(slots), Some(slots)]) proofs.Add((kind, id, Proof(view, kind, id)));
                TreePlace[] places = [.. Enumerable.Range(0, 64).Where(level => slots >> level > 0).Select(level => new TreePlace(level, Some(slots >> level)))];
                digests.Add((kind, places, view.GetDigests(kind, places).Value!));
            }
            states.Add(new Expected(view.Version, view.StateHash, proofs, digests));
        }
        return states;

        ulong Some(ulong count) => (ulong)random.NextInt64((long)count);
    }

    private static void AssertSame(Expected state, View latest, string place)
    {
        View then = latest.AsOf(state.Version);
        Assert.Equal(state.StateHash, then.StateHash);
        foreach ((ContentKind kind, ulong id, byte[] proof) in state.Proofs)
            Assert.True(proof.AsSpan().SequenceEqual(Proof(then, kind, id)), $"{place}, version {state.Version}: proof of {kind} {id}");
        foreach ((ContentKind kind, TreePlace[] places, Digest[] digests) in state.Digests)
            Assert.True(digests.AsSpan().SequenceEqual(then.GetDigests(kind, places).Value!), $"{place}, version {state.Version}: digests of {kind}");
    }

    private static byte[] Proof(View view, ContentKind kind, ulong id) => (kind switch
    {
        ContentKind.Record => view.Prove(new RecordId(id)),
        ContentKind.Node => view.Prove(new NodeId(id)),
        _ => view.Prove(new EdgeId(id)),
    }).Value!.ToBytes();

    private static void ApplySome(ValoriKernel kernel, RandomCommands commands, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (kernel.Decide(commands.Next()).TryGet(out Event? happened, out _)) kernel.Apply(happened);
        }
    }

    private static byte[] Snapshot(View view)
    {
        History history = new();
        history.Extend(1_700_000_000_000_000, view.StateHash, view.Version);
        MemoryStream stream = new();
        SnapshotWriter.Write(stream, view, new SnapshotHeader(1, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(1)));
        return stream.ToArray();
    }

    private static ValoriKernel Kernel(byte[] snapshot) => SnapshotReader.Read(new MemoryStream(snapshot), "test").Kernel;

    private sealed record Expected(
        ulong Version, Digest StateHash, List<(ContentKind Kind, ulong Id, byte[] Proof)> Proofs, List<(ContentKind Kind, TreePlace[] Places, Digest[] Digests)> Digests);
}
