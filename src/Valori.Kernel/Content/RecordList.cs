namespace Valori;

/// <summary>Records that were asked for one by one.</summary>
/// <param name="Records">In the order of the question; null for one that does not exist.</param>
public sealed record RecordList(IReadOnlyList<RecordContent?> Records);
