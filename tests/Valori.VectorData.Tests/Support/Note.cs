using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Tests.Support;

/// <summary>A record with a property of each kind that most tests need.</summary>
public sealed class Note<TKey>
    where TKey : notnull
{
    [VectorStoreKey]
    public TKey Key { get; set; } = default!;

    [VectorStoreData]
    public string? Text { get; set; }

    [VectorStoreData(StorageName = "number")]
    public int Number { get; set; }

    [VectorStoreData]
    public string[]? Tags { get; set; }

    [VectorStoreVector(3, DistanceFunction = DistanceFunction.EuclideanDistance)]
    public ReadOnlyMemory<float> Vector { get; set; }

    public static Note<TKey> Of(TKey key, int number = 0, string? text = null) => new() { Key = key, Number = number, Text = text, Vector = new float[] { number, 0, 0 } };
}
