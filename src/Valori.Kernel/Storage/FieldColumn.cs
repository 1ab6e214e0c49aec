using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>
/// The values of one field in all rows of a full segment, as keys (<see cref="ValueKey"/>): what a filter asks of many rows is answered
/// without their fields, which lie elsewhere. Immutable. Derived from the fields alone: never hashed, never stored.
/// </summary>
internal sealed class FieldColumn
{
    // Rows ahead whose fields are asked of memory.
    private const int PrefetchDistance = 8;

    private FieldColumn(ulong version) => Version = version;

    /// <summary>Rows whose fields were ever replaced have the values of this version; the others have had theirs always.</summary>
    public ulong Version { get; }

    /// <summary>The kind of all rows; of some, if <see cref="Kinds"/> is there.</summary>
    public ValueKind Kind { get; private init; }

    /// <summary>The kind of each row; null if all have the same.</summary>
    public ValueKind[]? Kinds { get; private init; }

    /// <summary>The key of each row; null if no row has the field.</summary>
    public ulong[]? Keys { get; private init; }

    /// <summary>The smallest key, if all rows have one kind.</summary>
    public ulong Least { get; private init; }

    /// <summary>The largest key, if all rows have one kind.</summary>
    public ulong Greatest { get; private init; }

    public long Bytes => (Keys?.Length ?? 0) * (long)sizeof(ulong) + (Kinds?.Length ?? 0) + 80;

    /// <param name="rows">All of the segment, which is full.</param>
    public static FieldColumn Build(RecordSegment segment, int rows, ReadOnlySpan<byte> name, ulong version)
    {
        ulong[] keys = new ulong[rows];
        ValueKind[] kinds = new ValueKind[rows];
        ulong least = ulong.MaxValue, greatest = 0;
        bool isUniform = true;
        for (int row = 0; row < rows; row++)
        {
            if (row + 2 * PrefetchDistance < rows) segment.PrefetchRow(row + 2 * PrefetchDistance);
            if (row + PrefetchDistance < rows) segment.PrefetchAttributes(row + PrefetchDistance);
            ReadOnlySpan<byte> fields = segment.GetAttributes(row, version).Fields;
            if (!fields.IsEmpty && PackedFields.TryFind(fields, name, out PackedValue value)) (kinds[row], keys[row]) = ValueKey.Of(value);
            isUniform &= kinds[row] == kinds[0];
            least = Math.Min(least, keys[row]);
            greatest = Math.Max(greatest, keys[row]);
        }
        if (isUniform && kinds[0] == ValueKind.None) return new FieldColumn(version);
        return new FieldColumn(version) { Kind = kinds[0], Kinds = isUniform ? null : kinds, Keys = keys, Least = least, Greatest = greatest };
    }
}
