using Valori.Actors.Engine;

namespace Valori.Actors.Tests.Engine;

/// <summary>When the runtime is asked for a collection after memory was freed.</summary>
public sealed class CollectionScheduleTests
{
    private const long Heap = 1L << 30;
    private const long Much = Heap / CollectionSchedule.HeapFraction;

    [Fact]
    public void A_good_part_of_the_heap_is_collected_at_once_and_less_after_a_pause()
    {
        Assert.Equal(TimeSpan.Zero, new CollectionSchedule().Add(Much, Heap));
        CollectionSchedule schedule = new();
        Assert.Equal(CollectionSchedule.Pause, schedule.Add(Much - 1, Heap));
        // Once for all who ask meanwhile, until it is much.
        Assert.Null(schedule.Add(0, Heap));
        Assert.Equal(TimeSpan.Zero, schedule.Add(1, Heap));
    }

    [Fact]
    public void Little_is_left_to_the_runtime_however_small_the_heap_is()
    {
        CollectionSchedule schedule = new();
        Assert.Null(schedule.Add(CollectionSchedule.LeastBytes - 1, heapBytes: 1 << 20));
        Assert.Equal(TimeSpan.Zero, schedule.Add(1, heapBytes: 1 << 20));
    }

    [Fact]
    public void What_was_left_before_the_request_is_done_with_and_what_comes_after_it_waits_for_the_next_one()
    {
        CollectionSchedule schedule = new();
        schedule.Add(Much, Heap);
        Assert.Equal((true, CollectionSchedule.FirstLook), schedule.GoOn(isCarriedOut: false, Heap));
        Assert.Null(schedule.Add(Much, Heap));
        Assert.Equal((false, TimeSpan.Zero), schedule.GoOn(isCarriedOut: true, Heap));
        Assert.False(schedule.IsAskedFor);
        Assert.True(schedule.GoOn(isCarriedOut: true, Heap).Asks);
        Assert.Equal((false, null), schedule.GoOn(isCarriedOut: true, Heap));
    }

    [Fact]
    public void A_collection_that_was_not_carried_out_is_asked_for_again_less_and_less_often_and_not_for_ever()
    {
        CollectionSchedule schedule = new();
        schedule.Add(Much, Heap);
        for (int look = 0; look <= CollectionSchedule.MostLooks; look++)
            Assert.Equal((true, CollectionSchedule.FirstLook * (1 << look)), schedule.GoOn(isCarriedOut: false, Heap));
        Assert.Equal((false, null), schedule.GoOn(isCarriedOut: false, Heap));
        Assert.Equal(TimeSpan.Zero, schedule.Add(Much, Heap));
    }
}
