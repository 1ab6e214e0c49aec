using Valori.Host.Http;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Searches;

/// <summary>
/// Every form of a search, asked for in every way, is answered as the naive model of the state answers it: now and as of the
/// past, with ties in id order, while a writer runs.
/// </summary>
public sealed class SearchFormTests(ITestOutputHelper output)
{
    private const int CommandsBefore = 125, MostEvents = 1_000, SearchesOfAWay = 60;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 17)]
    public async Task Every_form_asked_for_in_every_way_is_answered_as_the_naive_model_does(int seed, int dimension)
    {
        output.WriteLine($"seed {seed}, dimension {dimension}");
        ValoriService service = await ValoriService.StartAsync();
        try
        {
            string path = await service.CreateCollectionAsync(dimension);
            ValoriEngine engine = await service.Part<Collections>().GetAsync(path[(path.LastIndexOf('/') + 1)..], CancellationToken.None);
            SearchWay[] ways = SearchWay.All(service, path, engine);
            NaiveHistory history = new(dimension);
            RandomCommands commands = new(seed, dimension) { AreEndsFarOff = true };

            // Searches begin when there is something to find and a past to look at.
            await history.WriteAsync(engine, commands, CommandsBefore);
            Task<List<Searched>>[] searching = [.. ways.Select((way, index) => Task.Run(() => SearchAsync(way, history, seed * 100 + index, dimension)))];
            Task<List<Searched>[]> searches = Task.WhenAll(searching);
            while (!searches.IsCompleted && history.LastSequenceNr < MostEvents) await history.WriteAsync(engine, commands, 1);
            foreach (Searched search in (await searches).SelectMany(list => list))
                Assert.True(history.Answers(search.Asked, search.Found, search.Before, search.After), $"seed {seed}: {search}");
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public void The_searches_of_these_tests_have_every_kind_of_filter() => Assert.Equal(
        typeof(Filter).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Filter))).Select(type => type.Name).Order(StringComparer.Ordinal),
        Enumerable.Range(0, 200).Select(seed => SearchCase.Random(new Random(seed), new RandomCommands(seed, 2), new NaiveHistory(2)).Query.Filter.GetType().Name)
            .Distinct().Order(StringComparer.Ordinal));

    private static async Task<List<Searched>> SearchAsync(SearchWay way, NaiveHistory history, int seed, int dimension)
    {
        Random random = new(seed);
        RandomCommands vectors = new(seed, dimension);
        List<Searched> searches = [];
        for (int i = 0; i < SearchesOfAWay; i++)
        {
            SearchCase asked = SearchCase.Random(random, vectors, history);
            long before = history.LastSequenceNr;
            FoundHits found = await way.AskAsync(asked);
            searches.Add(new Searched(way, asked, found, before, history.LastSequenceNr));
        }
        return searches;
    }

    /// <summary>A search and its answer, with the last events known before and after.</summary>
    private sealed record Searched(SearchWay Way, SearchCase Asked, FoundHits Found, long Before, long After)
    {
        public override string ToString() =>
            $"{Way.Name}, {Asked}, between events {Before} and {After}: {string.Join("; ", Found.Queries.Select(hits => string.Join(", ", hits)))} {Found.Receipt}";
    }
}
