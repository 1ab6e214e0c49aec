namespace Valori;

/// <summary>How a search found its hits, and what it read for them. Threads that share a search find the same hits and may read more.</summary>
public sealed record QueryPlan
{
    /// <summary>The part of the filter that an index answered: its rows were read one by one. Null if all segments were scanned.</summary>
    public string? Index { get; init; }

    /// <summary>Rows that could be hits before any was read: those that the index knows, or all of them, deleted ones too.</summary>
    public ulong EstimatedRows { get; init; }

    /// <summary>Rows that were looked at, for each vector: by the bound from its coarse column, or one by one.</summary>
    public ulong RowsExamined { get; init; }

    /// <summary>Rows whose fields or key the filter was asked about, because no index and no column decided. Hits that an index alone named are asked at the end.</summary>
    public ulong RowsFiltered { get; init; }

    /// <summary>Rows whose score was computed.</summary>
    public ulong RowsScored { get; init; }

    /// <summary>From when the search began until its hits were known. 0 if it was not measured.</summary>
    public long Microseconds { get; init; }
}
