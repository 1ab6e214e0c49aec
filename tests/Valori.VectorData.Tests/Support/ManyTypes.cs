using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Tests.Support;

/// <summary>A record with a property of every type that a collection can have.</summary>
public sealed class ManyTypes
{
    [VectorStoreKey] public long Key { get; set; }
    [VectorStoreData] public bool Bool { get; set; }
    [VectorStoreData] public bool? NullableBool { get; set; }
    [VectorStoreData] public sbyte SByte { get; set; }
    [VectorStoreData] public byte Byte { get; set; }
    [VectorStoreData] public short Short { get; set; }
    [VectorStoreData] public ushort UShort { get; set; }
    [VectorStoreData] public int Int { get; set; }
    [VectorStoreData] public int? NullableInt { get; set; }
    [VectorStoreData] public uint UInt { get; set; }
    [VectorStoreData] public long Long { get; set; }
    [VectorStoreData] public ulong ULong { get; set; }
    [VectorStoreData] public ulong? NullableULong { get; set; }
    [VectorStoreData] public float Float { get; set; }
    [VectorStoreData] public double Double { get; set; }
    [VectorStoreData] public double? NullableDouble { get; set; }
    [VectorStoreData] public decimal Decimal { get; set; }
    [VectorStoreData] public decimal? NullableDecimal { get; set; }
    [VectorStoreData] public string? String { get; set; }
    [VectorStoreData] public Guid Guid { get; set; }
    [VectorStoreData] public DateTime DateTime { get; set; }
    [VectorStoreData] public DateTimeOffset DateTimeOffset { get; set; }
    [VectorStoreData] public DateTimeOffset? NullableTime { get; set; }
    [VectorStoreData] public DateOnly DateOnly { get; set; }
    [VectorStoreData] public TimeOnly TimeOnly { get; set; }
    [VectorStoreData] public byte[]? Bytes { get; set; }
    [VectorStoreData] public string[]? Strings { get; set; }
    [VectorStoreData] public List<string>? StringList { get; set; }
    [VectorStoreData] public int[]? Ints { get; set; }
    [VectorStoreData] public List<double>? Doubles { get; set; }
    [VectorStoreData] public DateTime[]? Times { get; set; }
    [VectorStoreData] public Guid[]? Guids { get; set; }
    [VectorStoreVector(1, DistanceFunction = DistanceFunction.EuclideanDistance)] public float[] Vector { get; set; } = [0];
}
