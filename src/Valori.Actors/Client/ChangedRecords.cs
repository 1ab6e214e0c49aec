using Valori.Actors.Protocol;

namespace Valori.Actors;

/// <summary>How much a command on all records that a filter lets through has done.</summary>
/// <param name="Count">Records that were deleted or changed.</param>
/// <param name="IsComplete">Whether all records were looked at. If not, the limit was reached, and the filter may let others through.</param>
/// <param name="Receipt">Of the last step.</param>
public sealed record ChangedRecords(long Count, bool IsComplete, Receipt Receipt);
