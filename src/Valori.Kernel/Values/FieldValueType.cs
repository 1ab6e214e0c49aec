namespace Valori;

/// <summary>
/// What a field holds. The numbers are those of the canonical bytes (section 3 of docs/formats.md in Valori's repository). Frozen.
/// </summary>
public enum FieldValueType : byte
{
    Bool = 1,

    Int64 = 2,

    Float64 = 3,

    String = 4,

    /// <summary>A point in time: microseconds since 1970 in UTC, in the years 1 to 9999.</summary>
    Timestamp = 5,

    /// <summary>An array without elements. It has no element type.</summary>
    EmptyArray = 16,

    BoolArray = EmptyArray + Bool,

    Int64Array = EmptyArray + Int64,

    Float64Array = EmptyArray + Float64,

    StringArray = EmptyArray + String,

    TimestampArray = EmptyArray + Timestamp,
}

internal static class FieldValueTypes
{
    public static bool IsScalar(this FieldValueType type) => type is >= FieldValueType.Bool and <= FieldValueType.Timestamp;

    public static bool IsArray(this FieldValueType type) => type >= FieldValueType.EmptyArray;

    /// <summary>Of an array that is not empty.</summary>
    public static FieldValueType ElementType(this FieldValueType array) => array - (byte)FieldValueType.EmptyArray;

    /// <summary>As errors name it.</summary>
    public static string Shown(this FieldValueType type) => type switch
    {
        FieldValueType.Bool => "a bool",
        FieldValueType.Int64 => "an int64",
        FieldValueType.Float64 => "a float64",
        FieldValueType.String => "a string",
        FieldValueType.Timestamp => "a timestamp",
        _ => "an array",
    };
}
