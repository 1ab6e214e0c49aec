using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class ExpiryIndexTests
{
    private ulong _version = 1;

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 100)]
    [InlineData(3, 1_000_000)]
    public void What_is_due_is_what_a_sort_says_however_often_records_are_changed_and_deleted(int seed, int times)
    {
        Random random = new(seed);
        RecordTable records = new(new EngineSchema(1));
        SortedDictionary<ulong, long> expiries = [];
        for (int step = 0; step < 3_000; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    expiries.Add(Append(records, random.Next(times) is var at ? at : 0), at);
                    break;
                case 1 or 2 when expiries.Count > 0:
                    // Also the one that it has already.
                    ulong changed = expiries.ElementAt(random.Next(expiries.Count)).Key;
                    long? expiry = random.Next(5) == 0 ? null : random.Next(times);
                    records.ReplaceExpiry(new RecordId(changed), expiry, ++_version);
                    if (expiry is { } ends) expiries[changed] = ends;
                    else expiries.Remove(changed);
                    break;
                case 3 when expiries.Count > 0:
                    ulong deleted = expiries.ElementAt(random.Next(expiries.Count)).Key;
                    records.Find(new RecordId(deleted), out int row).Delete(row, ++_version);
                    expiries.Remove(deleted);
                    break;
            }
            long now = random.Next(times);
            int most = random.Next(1, 20);
            ulong[] due = [.. expiries.Where(one => one.Value <= now).OrderBy(one => one.Value).ThenBy(one => one.Key).Take(most).Select(one => one.Key).Order()];
            Assert.True(due.SequenceEqual(records.Expiries.Due(now, most, _version)), $"seed {seed}, step {step}");
            if (step % 3 == 0) Assert.Equal(expiries.Count == 0 ? null : expiries.Values.Min(), records.Expiries.Earliest(_version));
        }
    }

    [Fact]
    public void Expiries_that_slide_do_not_fill_the_memory()
    {
        RecordTable records = new(new EngineSchema(1));
        for (int i = 0; i < 100; i++) Append(records, i);
        for (int i = 0; i < 20_000; i++) records.ReplaceExpiry(new RecordId((ulong)i % 100), 1_000 + i, ++_version);
        Assert.InRange(records.Expiries.Count, 100, 256);
        Assert.InRange(records.Expiries.Bytes, 100 * 12, 256 * 12);
        Assert.Equal(20_900, records.Expiries.Earliest(_version));
    }

    private ulong Append(RecordTable records, long expiry)
    {
        ulong id = records.Count;
        records.Append(VectorBlock.FromComponents(1, [1]).Value!, 0, [0]);
        records.SetFirstAttributes(new RecordId(id), [], [], expiry, ++_version);
        return id;
    }
}
