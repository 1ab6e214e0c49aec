using System.Globalization;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Random records in memory, and the same ones in a collection.</summary>
internal sealed record RandomRecords(List<EveryType> All, ValoriCollection<string, EveryType> Collection)
{
    /// <summary>A fresh seed; VALORI_VECTORDATA_SEED repeats one that a failed test printed.</summary>
    public static int FreshSeed { get; } =
        Environment.GetEnvironmentVariable("VALORI_VECTORDATA_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000_000);

    public static async Task<RandomRecords> WriteAsync(StoreFixture fixture, Choices choices, int count)
    {
        List<EveryType> records = new RecordGenerator(choices).Take(count);
        ValoriCollection<string, EveryType> collection = await fixture.NewAsync<string, EveryType>($"records-{Guid.NewGuid():N}");
        await collection.UpsertAsync(records);
        return new RandomRecords(records, collection);
    }
}
