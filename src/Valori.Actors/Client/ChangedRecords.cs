namespace Valori;

/// <summary>How much a command on all records that match a filter has done.</summary>
/// <param name="Count">Records that were deleted or changed.</param>
/// <param name="IsComplete">Whether all records were looked at. If not, the limit was reached, and others may match the filter.</param>
/// <param name="Receipt">Of the last step.</param>
public sealed record ChangedRecords(long Count, bool IsComplete, Receipt Receipt);
