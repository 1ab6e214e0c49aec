using Valori.Actors.Settings;
using Valori.Kernel.Proximity;

namespace Valori.Actors.Tests.Indexes;

public sealed class IndexSettingsTests
{
    [Fact]
    public void A_graph_is_due_at_numbers_of_records_that_grow_by_the_same_part()
    {
        IndexSettings settings = new(IndexBuild.Always, 1_000, 10, 1, ProximityParameters.Default);
        (ulong Ids, ulong Due, ulong Next)[] expected = [(0, 0, 1_000), (999, 0, 1_000), (1_000, 1_000, 1_100), (1_099, 1_000, 1_100), (1_100, 1_100, 1_210), (1_331, 1_331, 1_464)];
        foreach ((ulong ids, ulong due, ulong next) in expected) Assert.Equal((ids, due, next), (ids, settings.DueAt(ids), settings.NextDue(ids)));
    }

    [Fact]
    public void Of_few_records_each_one_more_is_due()
    {
        IndexSettings settings = new(IndexBuild.Always, 1, 1, 1, ProximityParameters.Default);
        for (ulong ids = 1; ids < 100; ids++) Assert.Equal((ids, ids + 1), (settings.DueAt(ids), settings.NextDue(ids)));
    }
}
