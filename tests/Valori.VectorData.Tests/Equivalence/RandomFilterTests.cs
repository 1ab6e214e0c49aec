using System.Linq.Expressions;
using Valori.VectorData.Tests.Support;
using Xunit.Abstractions;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>
/// Whatever a filter says, GetAsync and SearchAsync find the records for which the same expression is true, compiled and run on the records
/// in memory. A filter may be refused, but not many of them, so that refusing does not pass.
/// </summary>
public sealed class RandomFilterTests(StoreFixture fixture, ITestOutputHelper output) : IClassFixture<StoreFixture>
{
    private const int Records = 150, Filters = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Random_filters_have_the_meaning_of_csharp(int seed) => CheckAsync(seed);

    [Fact]
    public Task Random_filters_of_a_fresh_seed_have_the_meaning_of_csharp() => CheckAsync(RandomRecords.FreshSeed);

    private async Task CheckAsync(int seed)
    {
        output.WriteLine($"seed {seed}");
        Choices choices = new(seed);
        RandomRecords records = await RandomRecords.WriteAsync(fixture, choices, Records);
        FilterGenerator filters = new(choices);
        int translated = 0, informative = 0;
        List<string> wrong = [];
        for (int i = 0; i < Filters; i++)
        {
            Expression<Func<EveryType, bool>> filter = filters.Next();
            Verdicts verdicts = Verdicts.Of(filter, records.All);
            try
            {
                IEnumerable<string> got = await records.Collection.GetAsync(filter, Records + 1).Select(record => record.Key).ToListAsync();
                IEnumerable<string> hits = await records.Collection.SearchAsync(new float[] { 0, 0 }, Records + 1, new() { Filter = filter }).Select(hit => hit.Record.Key).ToListAsync();
                foreach ((string method, IEnumerable<string> found) in new[] { ("GetAsync", got), ("SearchAsync", hits) })
                {
                    if (verdicts.Difference(found) is { } difference) wrong.Add($"filter {i}, {method}: {difference}\n  {filter}");
                }
                translated++;
                if (verdicts.PartRecords) informative++;
            }
            catch (NotSupportedException)
            {
                // The translator may refuse what it cannot say.
            }
            catch (Exception e)
            {
                wrong.Add($"filter {i} throws {e.GetType().Name}: {e.Message}\n  {filter}");
            }
        }
        output.WriteLine($"of {Filters} filters, {translated} were translated and {informative} part the records");
        if (wrong.Count > 0) Assert.Fail($"seed {seed}, {wrong.Count} differences:\n{string.Join('\n', wrong.Take(10))}");
        Assert.True(translated >= Filters * 0.7 && informative >= Filters * 0.5, $"seed {seed}: of {Filters} filters, only {translated} were translated and {informative} part the records");
    }
}
