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
        for (ulong i = 0; i < 40; i++)
        {
            Ask<Receipt>(engine, Insert(1, 1));
            Ask<Receipt>(engine, new SetMetadata(new RecordId(i), _metadata));
        }
        EventFilter.Warning(contains: "cannot be freed: that takes").Expect(1, () =>
        {
            for (ulong i = 0; i < 10; i++) Ask<Receipt>(engine, new DeleteRecord(new RecordId(i)));
        });
    }

    [Fact]
    public void A_reservation_that_does_not_fit_changes_nothing_and_one_that_is_changed_counts_once()
    {
        MemoryBudget budget = new(100);
        budget.Set("engine", 60);
        Assert.NotNull(budget.Reserve("freeing", 41));
        Assert.Equal(40, budget.RoomBytes);
        Assert.Null(budget.Reserve("freeing", 40));
        Assert.Null(budget.Reserve("freeing", 30));
        Assert.Equal(10, budget.RoomBytes);
        Assert.NotNull(budget.RefusalOf(11));
        // What is there counts, whatever the limit.
        budget.Set("engine", 90);
        Assert.Equal(-20, budget.RoomBytes);
        budget.Set("freeing", 0);
        Assert.Equal(10, budget.RoomBytes);
        Assert.Equal(0, budget.TakenBy("freeing"));
    }

    private T Ask<T>(IActorRef engine, Command command)
    {
        engine.Tell(command, TestActor);
        return Assert.IsType<T>(ExpectMsg<object>());
    }
}
