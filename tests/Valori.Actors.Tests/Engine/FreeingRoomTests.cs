using Akka.Actor;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>What freeing memory takes for a moment has to fit under the limit, and is given back.</summary>
public sealed class FreeingRoomTests() : EngineTestKit($$"""
    valori.max-memory-bytes = {{Limit}}
    valori.past.forget-after = 0s
    valori.past.free-bytes = 1
    valori.past.free-fraction = 0.1
    akka.loglevel = WARNING
    """)
{
    private const long Limit = 4_000_000;

    private readonly byte[] _metadata = new byte[Limits.MaximumMetadataBytes];

    [Fact]
    public void An_engine_that_frees_what_it_replaces_stays_below_the_limit_and_leaves_room_for_others()
    {
        IActorRef engine = Open("one"), other = Open("other");
        Ask<Receipt>(engine, Insert(1, 1));
        // Four times the limit. Freeing takes its steps after the answer.
        for (int i = 0; i < 4 * Limit / _metadata.Length; i++) Ask<Receipt>(engine, new SetMetadata(new RecordId(0), _metadata));
        Ask<Receipt>(other, Insert(2, 2));
        for (ulong i = 0; i < 10; i++)
        {
            Ask<Receipt>(other, Insert(1, 1));
            Ask<Receipt>(other, new SetMetadata(new RecordId(i), _metadata));
        }
    }

    [Fact]
    public void Freeing_that_does_not_fit_is_not_begun_and_the_log_says_so_once()
    {
        IActorRef engine = Open("one");
        // A batch is taken in as long as it fits itself: nothing is known of it yet.
        VectorBlock vectors = VectorBlock.FromComponents(Dimension, new float[2 * 55]).Value!;
        Fields fields = new FieldsBuilder { ["padding"] = new string('x', 60_000) }.Build();
        Ask<Receipt>(engine, new PutRecords(vectors, new ulong[55], [.. Enumerable.Repeat(new RecordAttributes { Fields = fields }, 55)], Replace: false));
        EventFilter.Warning(contains: "cannot be freed: that takes").Expect(1, () =>
        {
            for (ulong i = 0; i < 10; i++) Ask<Receipt>(engine, new DeleteRecord(new RecordId(i)));
        });
    }

    [Fact]
    public void A_reservation_that_does_not_fit_changes_nothing_and_one_that_is_changed_counts_once()
    {
        MemoryBudget budget = new(160);
        budget.Set("engine", 60);
        Assert.False(budget.TryReserveRound("engine", 101));
        Assert.Equal(100, budget.RoomForRoundBytes);
        Assert.True(budget.TryReserveRound("engine", 80));
        Assert.True(budget.TryReserveRound("engine", 70));
        Assert.NotNull(budget.RefusalOf(31));
        Assert.Null(budget.Reserve("restore", 10));
        Assert.Equal(20, budget.RoomForRoundBytes);
        // What is there counts, whatever the limit.
        budget.Set("engine", 90);
        Assert.NotNull(budget.Reserve("restore", 11));
        budget.SetRound("engine", 0);
        Assert.Equal(60, budget.RoomForRoundBytes);
        Assert.Equal(10, budget.TakenBy("restore"));
    }

    [Fact]
    public void What_the_largest_round_needs_is_kept_from_others_and_a_round_may_go_past_the_limit_when_memory_is_short()
    {
        MemoryBudget budget = new(160);
        budget.SetNeed("large", 50);
        budget.SetNeed("small", 30);
        // A sixteenth of the limit need not be kept.
        Assert.Null(budget.RefusalOf(120));
        Assert.Contains("freeing needs 40 for a moment", budget.RefusalOf(121)!.Message, StringComparison.Ordinal);
        budget.Set("large", 115);
        Assert.True(budget.IsShort);
        Assert.Equal(45 + 20, budget.RoomForRoundBytes);
        // The round has got what was kept.
        Assert.True(budget.TryReserveRound("large", 45));
        Assert.NotNull(budget.RefusalOf(1));
        budget.Set("large", 60);
        Assert.Null(budget.RefusalOf(55));
        budget.SetRound("large", 0);
        // What deletions take past the limit takes nothing from the next round.
        budget.Set("large", 190);
        Assert.Equal(20, budget.RoomForRoundBytes);
        budget.Set("large", 60);
        budget.SetNeed("large", 0);
        Assert.Null(budget.RefusalOf(80));
        Assert.NotNull(budget.RefusalOf(81));
        Assert.False(budget.IsShort);
    }

    private T Ask<T>(IActorRef engine, Command command)
    {
        engine.Tell(command, TestActor);
        return Assert.IsType<T>(ExpectMsg<object>());
    }
}
