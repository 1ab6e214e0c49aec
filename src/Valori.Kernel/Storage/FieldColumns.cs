namespace Valori.Kernel.Storage;

/// <summary>
/// The columns of the fields that filters ask for, made segment by segment as they do: a field that no filter names costs nothing, nor
/// does an insert. Thread-safe: readers make them.
/// </summary>
internal sealed class FieldColumns(RecordTable records)
{
    /// <summary>Fields that have columns at a time. Those that were not asked for longest are given up for others.</summary>
    public const int MaximumFields = 8;

    private readonly Lock _adding = new();
    private volatile ColumnsOfField[] _fields = [];
    private long _clock;

    /// <summary>What the columns take.</summary>
    public long Bytes => _fields.Sum(columns => columns.Bytes);

    /// <summary>The columns of a field.</summary>
    public ColumnsOfField Of(ReadOnlySpan<byte> name)
    {
        long now = Interlocked.Increment(ref _clock);
        if (Find(name) is { } known)
        {
            known.LastUsed = now;
            return known;
        }
        lock (_adding)
        {
            if (Find(name) is { } added) return added;
            ColumnsOfField field = new(records, name.ToArray()) { LastUsed = now };
            IEnumerable<ColumnsOfField> others = _fields.OrderByDescending(other => other.LastUsed).Take(MaximumFields - 1);
            _fields = [.. others, field];
            return field;
        }
    }

    private ColumnsOfField? Find(ReadOnlySpan<byte> name)
    {
        foreach (ColumnsOfField columns in _fields)
        {
            if (name.SequenceEqual(columns.Name)) return columns;
        }
        return null;
    }
}
