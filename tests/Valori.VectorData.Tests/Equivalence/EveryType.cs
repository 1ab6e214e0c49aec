using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>A record with every data type in every form. The names follow from the types: <see cref="DataTypes.PropertyOf"/>.</summary>
public sealed class EveryType
{
    [VectorStoreKey] public string Key { get; set; } = "";

    [VectorStoreData] public bool Boolean { get; set; }
    [VectorStoreData] public bool? NullableBoolean { get; set; }
    [VectorStoreData] public bool[]? BooleanArray { get; set; }
    [VectorStoreData] public List<bool>? BooleanList { get; set; }

    [VectorStoreData] public sbyte SByte { get; set; }
    [VectorStoreData] public sbyte? NullableSByte { get; set; }
    [VectorStoreData] public sbyte[]? SByteArray { get; set; }
    [VectorStoreData] public List<sbyte>? SByteList { get; set; }

    [VectorStoreData] public byte Byte { get; set; }
    [VectorStoreData] public byte? NullableByte { get; set; }
    [VectorStoreData] public byte[]? ByteArray { get; set; }
    [VectorStoreData] public List<byte>? ByteList { get; set; }

    [VectorStoreData] public short Int16 { get; set; }
    [VectorStoreData] public short? NullableInt16 { get; set; }
    [VectorStoreData] public short[]? Int16Array { get; set; }
    [VectorStoreData] public List<short>? Int16List { get; set; }

    [VectorStoreData] public ushort UInt16 { get; set; }
    [VectorStoreData] public ushort? NullableUInt16 { get; set; }
    [VectorStoreData] public ushort[]? UInt16Array { get; set; }
    [VectorStoreData] public List<ushort>? UInt16List { get; set; }

    [VectorStoreData] public int Int32 { get; set; }
    [VectorStoreData] public int? NullableInt32 { get; set; }
    [VectorStoreData] public int[]? Int32Array { get; set; }
    [VectorStoreData] public List<int>? Int32List { get; set; }

    [VectorStoreData] public uint UInt32 { get; set; }
    [VectorStoreData] public uint? NullableUInt32 { get; set; }
    [VectorStoreData] public uint[]? UInt32Array { get; set; }
    [VectorStoreData] public List<uint>? UInt32List { get; set; }

    [VectorStoreData] public long Int64 { get; set; }
    [VectorStoreData] public long? NullableInt64 { get; set; }
    [VectorStoreData] public long[]? Int64Array { get; set; }
    [VectorStoreData] public List<long>? Int64List { get; set; }

    [VectorStoreData] public ulong UInt64 { get; set; }
    [VectorStoreData] public ulong? NullableUInt64 { get; set; }
    [VectorStoreData] public ulong[]? UInt64Array { get; set; }
    [VectorStoreData] public List<ulong>? UInt64List { get; set; }

    [VectorStoreData] public float Single { get; set; }
    [VectorStoreData] public float? NullableSingle { get; set; }
    [VectorStoreData] public float[]? SingleArray { get; set; }
    [VectorStoreData] public List<float>? SingleList { get; set; }

    [VectorStoreData] public double Double { get; set; }
    [VectorStoreData] public double? NullableDouble { get; set; }
    [VectorStoreData] public double[]? DoubleArray { get; set; }
    [VectorStoreData] public List<double>? DoubleList { get; set; }

    [VectorStoreData] public decimal Decimal { get; set; }
    [VectorStoreData] public decimal? NullableDecimal { get; set; }
    [VectorStoreData] public decimal[]? DecimalArray { get; set; }
    [VectorStoreData] public List<decimal>? DecimalList { get; set; }

    [VectorStoreData] public Guid Guid { get; set; }
    [VectorStoreData] public Guid? NullableGuid { get; set; }
    [VectorStoreData] public Guid[]? GuidArray { get; set; }
    [VectorStoreData] public List<Guid>? GuidList { get; set; }

    [VectorStoreData] public DateTime DateTime { get; set; }
    [VectorStoreData] public DateTime? NullableDateTime { get; set; }
    [VectorStoreData] public DateTime[]? DateTimeArray { get; set; }
    [VectorStoreData] public List<DateTime>? DateTimeList { get; set; }

    [VectorStoreData] public DateTimeOffset DateTimeOffset { get; set; }
    [VectorStoreData] public DateTimeOffset? NullableDateTimeOffset { get; set; }
    [VectorStoreData] public DateTimeOffset[]? DateTimeOffsetArray { get; set; }
    [VectorStoreData] public List<DateTimeOffset>? DateTimeOffsetList { get; set; }

    [VectorStoreData] public DateOnly DateOnly { get; set; }
    [VectorStoreData] public DateOnly? NullableDateOnly { get; set; }
    [VectorStoreData] public DateOnly[]? DateOnlyArray { get; set; }
    [VectorStoreData] public List<DateOnly>? DateOnlyList { get; set; }

    [VectorStoreData] public TimeOnly TimeOnly { get; set; }
    [VectorStoreData] public TimeOnly? NullableTimeOnly { get; set; }
    [VectorStoreData] public TimeOnly[]? TimeOnlyArray { get; set; }
    [VectorStoreData] public List<TimeOnly>? TimeOnlyList { get; set; }

    [VectorStoreData] public string? String { get; set; }
    [VectorStoreData] public string[]? StringArray { get; set; }
    [VectorStoreData] public List<string>? StringList { get; set; }

    [VectorStoreVector(2, DistanceFunction = DistanceFunction.EuclideanDistance)] public ReadOnlyMemory<float> Vector { get; set; }
}
