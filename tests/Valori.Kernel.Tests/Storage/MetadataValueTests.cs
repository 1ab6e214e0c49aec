using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class MetadataValueTests
{
    [Fact]
    public void Each_of_a_hundred_thousand_values_is_found_as_of_its_version_and_the_one_after_it_in_few_steps()
    {
        const int values = 100_000;
        MetadataValue? newest = null;
        List<MetadataValue> all = [];
        for (ulong i = 0; i < values; i++) all.Add(newest = new MetadataValue([], version: 2 * i + 2, newest));
        Assert.Null(newest!.At(0));
        Assert.Null(newest.At(1));
        for (int i = 0; i < values; i++)
        {
            Assert.Same(all[i], newest.At(2 * (ulong)i + 2));
            Assert.Same(all[i], newest.At(2 * (ulong)i + 3));
            int steps = 0;
            for (MetadataValue? value = newest; value is not null; value = value.StepBack(all[i].Version)) steps++;
            // 17 binary digits, in each of which a step may clear all that are left.
            Assert.InRange(steps, 1, 17 * 18 / 2);
        }
        Assert.Null(all[0].At(1));
        Assert.Same(all[499], all[500].At(all[499].Version));
    }
}
