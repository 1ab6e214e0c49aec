using Valori.Actors.Entries;
using Valori.Fuzz.Corpus;
using Valori.Kernel;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Entries of the journal (docs/formats.md, section 10), as an engine replays them. Declared: <see cref="FormatException"/>, and
/// <see cref="ArgumentException"/> of a kernel that the event cannot follow. What decodes has no other bytes.
/// </summary>
internal static class JournalEntryTarget
{
    private const int Dimension = 2;

    private static readonly Samples Samples = new Samples().Add(RequestId.Parse("a-b")).Add(new EngineSchema(1), new EngineSchema(384));

    // Constant: the comparing buffer, a message of an exception with its stack, the first segment of a kernel. Factor: an empty
    // message of two bytes is an object of protobuf's.
    public static readonly FuzzTarget Target = new(
        "journal-entry", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Protobuf, new AllocationBound(Allocating.OneThread, 2 << 20, 200), Rounds: 15_000);

    public static void Attack(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        JournalEntry entry;
        try
        {
            entry = JournalCodec.Decode(new JournalRecord(bytes));
        }
        catch (FormatException)
        {
            return;
        }
        BrokenPromiseException.ThrowIf(!JournalCodec.Encode(entry).Payload.AsSpan().SequenceEqual(bytes), "an entry has two forms");
        if (entry.Event is KernelChanged(var changes)) Apply(changes);
        Verdict.Accepted();
    }

    private static void Apply(IReadOnlyList<Change> changes)
    {
        ValoriKernel kernel = SampleStates.Attributed(Dimension);
        foreach (Change change in changes)
        {
            Digest before = kernel.StateHash;
            try
            {
                kernel.Apply(change.Happened);
            }
            catch (ArgumentException)
            {
                BrokenPromiseException.ThrowIf(kernel.StateHash != before, "an event that cannot follow changed the state");
                return;
            }
        }
    }

    /// <summary>An event of each kind that the state of <see cref="Apply"/> can be followed by.</summary>
    private static IEnumerable<Event> EventsThatFollow()
    {
        ValoriKernel kernel = SampleStates.Attributed(Dimension);
        RandomCommands commands = new(7, Dimension);
        Dictionary<CommandKind, Event> events = [];
        for (int i = 0; i < 2_000; i++)
        {
            if (kernel.Decide(commands.Next()).Value is { } happened) events.TryAdd(happened.CommandKind, happened);
        }
        return events.OrderBy(each => each.Key.EventNumber).Select(each => each.Value);
    }

    private static List<byte[]> Corpus()
    {
        Digest hash = SampleStates.Hash;
        Event[] events = [.. EventsThatFollow(), .. CommandKinds.All.SelectMany(kind => Samples.Of(kind.EventType)).Cast<Event>()];
        JournalEvent[] entries =
        [
            .. EngineEventKind.All.SelectMany(kind => Samples.Of(kind.Type)).Cast<JournalEvent>(),
            .. events.Select(happened => new KernelChanged([new Change(happened)])),
            .. events.Select((happened, i) => new KernelChanged([new Change(happened, RequestId.Parse($"a-{i}"))])),
            new KernelChanged([new Change(new NodeDeleted(new NodeId(0)), RequestId.Parse("a-2")), new Change(new EdgeDeleted(new EdgeId(2)))]),
            new KernelChanged([.. events.Select(happened => new Change(happened))]),
            new KernelChanged([new Change(events[0], Author: Author.Parse("ada"))]), new KernelChanged([new Change(events[0], RequestId.Parse("a-4"), Author.Parse("bob")), new Change(events[1])]),
            new KernelChanged([.. events[..2].Select((happened, i) => new Change(happened, i == 0 ? null : RequestId.Parse("a-3")))]),
            new RequestsKept([.. Enumerable.Range(1, 3).Select(i => new KeptRequest(RequestId.Parse($"a-{i}"), new Receipt(i, -1, hash, hash, hash, ulong.MaxValue, int.MaxValue), i == 2 ? null : hash))]),
            new SnapshotChunk(int.MaxValue, new byte[20_000]),
        ];
        // With each check of the requests that there was, and as they were before there was one.
        return [.. from happened in entries
                   from form in Enum.GetValues<CheckForm>()
                   select JournalCodec.Encode(new JournalEntry(happened, 1_700_000_000_000_000, hash, Digest.Zero) { Check = form }).Payload];
    }
}
