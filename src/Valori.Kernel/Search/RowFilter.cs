namespace Valori.Kernel.Search;

/// <summary>What the rows of a scan must be like.</summary>
/// <param name="Tag">Beside the vectors, so looked at before a row is scored; null for all.</param>
/// <param name="Rest">Looked at only for rows that would be hits, because fields lie elsewhere; null for all.</param>
/// <param name="Stop">Looked at before the filter is.</param>
/// <param name="Condition">Of the filter, what is known without the fields; null for nothing.</param>
internal readonly record struct RowFilter(ulong? Tag, Filter? Rest, CancellationToken Stop = default, RowCondition? Condition = null)
{
    /// <summary>Every row.</summary>
    public static RowFilter None => default;
}
