namespace Valori.Kernel.Tests.Search;

public sealed class SearchModeTests
{
    [Fact]
    public void A_mode_that_there_is_not_is_refused_with_its_value()
    {
        View view = new ValoriKernel(2).TakeView();
        SearchQuery query = new(VectorBlock.FromVector(2, [1, 2]).Value!, 1);
        (SearchMode Mode, string Message)[] wrong =
        [
            (SearchMode.Approximate(0), "the beam is 0; it must be in 1..4096"),
            (SearchMode.Auto(4_097), "the beam is 4097; it must be in 1..4096"),
            (SearchMode.Approximate(-1), "the beam is -1; it must be in 1..4096"),
            (new SearchMode(SearchModeKind.Exact, 5), "the beam is 5, and the mode of the search is exact, which has none: leave the beam out, or make the mode approximate or auto"),
            (SearchMode.ApproximateWithRecall(0), "the recall is 0; it must be above 0 and at most 1"),
            (SearchMode.AutoWithRecall(1.01), "the recall is 1.01; it must be above 0 and at most 1"),
            (SearchMode.AutoWithRecall(double.NaN), "the recall is NaN; it must be above 0 and at most 1"),
            (SearchMode.AutoWithRecall(0.9) with { Beam = 5 }, "the recall is 0.9, and the beam is 5: leave one of the two out"),
            (SearchMode.Exact with { Recall = 0.9 }, "the recall is 0.9, and the mode of the search is exact, which finds all: leave the recall out, or make the mode approximate or auto"),
            (new SearchMode((SearchModeKind)3, 5), "the mode of the search is 3; it must be exact (0), approximate (1) or auto (2)"),
        ];
        foreach ((SearchMode mode, string message) in wrong)
        {
            Refusal refusal = view.Search(query with { Mode = mode }).Refusal!;
            Assert.Equal((RefusalKind.InvalidArgument, message), (refusal.Kind, refusal.Message));
        }
        foreach (SearchMode mode in new[] { SearchMode.Exact, SearchMode.Approximate(1), SearchMode.Approximate(4_096), SearchMode.Auto(), SearchMode.ApproximateWithRecall(0.95), SearchMode.AutoWithRecall(1) })
            Assert.Empty(view.Search(query with { Mode = mode }).Value!);
    }
}
