namespace Valori;

/// <summary>A page of the live records that match a filter.</summary>
/// <param name="Limit">Records of the page, 1 to <see cref="Limits.MaximumListed"/>.</param>
internal sealed record ListQuery(Filter Filter, int Limit)
{
    public RecordOrder Order { get; init; } = RecordOrder.ById;

    /// <summary>Of the page before; null for the first one. It belongs to the filter, the order and the <see cref="Scope"/>.</summary>
    public string? Cursor { get; init; }

    /// <summary>What the page has of each record. It ends early if that is more than an answer may have.</summary>
    public RecordParts With { get; init; } = RecordParts.AllButVector;

    /// <summary>What else a cursor belongs to, such as the name of the collection: with another one it is refused.</summary>
    public string Scope { get; init; } = "";
}

/// <summary>A page of the records that match a filter.</summary>
/// <param name="Records">In the order that was asked for, with the parts that were asked for.</param>
/// <param name="Cursor">What the next page is asked for with; null after the last one.</param>
public sealed record RecordPage(IReadOnlyList<RecordContent> Records, string? Cursor);
