using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using Valori.Actors.Streams;

namespace Valori.Actors.Tests.Streams;

/// <summary>How elements become batches, without an engine.</summary>
public sealed class BatchByBytesTests() : TestKit("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
{
    [Fact]
    public async Task A_batch_ends_before_the_element_that_would_be_too_much_and_one_alone_may_be_larger()
    {
        IReadOnlyList<IReadOnlyList<int>> batches = await BatchesOf(Source.From([3, 3, 4, 1, 12, 2, 2]), isRepeatable: true);
        Assert.Equal([[3, 3, 4], [1], [12], [2, 2]], batches);
    }

    [Fact]
    public async Task A_batch_has_no_more_elements_than_the_maximum()
    {
        IReadOnlyList<IReadOnlyList<int>> batches = await BatchesOf(Source.From([1, 1, 1, 1, 1]), isRepeatable: true, maximumCount: 2);
        Assert.Equal([[1, 1], [1, 1], [1]], batches);
    }

    [Fact]
    public async Task Two_elements_with_one_key_are_never_in_one_batch()
    {
        IReadOnlyList<IReadOnlyList<int>> batches = await BatchesOf(Source.From([1, 2, 1, 3, 3]), isRepeatable: true, keyOf: element => element);
        Assert.Equal([[1, 2], [1, 3], [3]], batches);
    }

    [Fact]
    public async Task Nothing_makes_no_batch() => Assert.Empty(await BatchesOf(Source.Empty<int>(), isRepeatable: false));

    [Fact]
    public async Task A_source_that_has_elements_at_hand_fills_each_batch()
    {
        IReadOnlyList<IReadOnlyList<int>> batches = await BatchesOf(Source.From(Enumerable.Repeat(1, 100)), isRepeatable: false);
        Assert.Equal(Enumerable.Repeat(10, 10), batches.Select(batch => batch.Count));
    }

    [Fact]
    public async Task An_element_does_not_wait_for_others_while_nobody_is_busy()
    {
        (ISourceQueueWithComplete<int> queue, ISinkQueue<IReadOnlyList<int>> batches) = Source.Queue<int>(8, OverflowStrategy.Backpressure)
            .Via(new BatchByBytes<int>(10, 100, element => element, isRepeatable: false))
            .ToMaterialized(Sink.Queue<IReadOnlyList<int>>(), Keep.Both)
            .Run(Sys.Materializer());
        await queue.OfferAsync(1);
        Assert.Equal([1], (await batches.PullAsync().WaitAsync(TimeSpan.FromSeconds(30))).Value);
        queue.Complete();
        Assert.False((await batches.PullAsync().WaitAsync(TimeSpan.FromSeconds(30))).HasValue);
    }

    private Task<IReadOnlyList<IReadOnlyList<int>>> BatchesOf(Source<int, Akka.NotUsed> source, bool isRepeatable, int maximumCount = 100, Func<int, object?>? keyOf = null) => source
        .Via(new BatchByBytes<int>(10, maximumCount, element => element, isRepeatable, keyOf))
        .RunWith(Sink.Seq<IReadOnlyList<int>>(), Sys.Materializer())
        .ContinueWith(batches => (IReadOnlyList<IReadOnlyList<int>>)batches.Result, TaskScheduler.Default);
}
