namespace Valori;

/// <summary>Which values a field has in the live records that match a filter.</summary>
/// <param name="Field">Its name; a field that is called <c>key</c>, <c>tag</c> or <c>id</c> is <c>$fields.key</c>, as in a filter.</param>
/// <param name="Limit">Values of the answer, 1 to <see cref="Limits.MaximumListed"/>: the most frequent ones.</param>
internal sealed record DistinctQuery(string Field, Filter Filter, int Limit);

/// <summary>The values of a field.</summary>
/// <param name="Values">The most frequent one first; equally frequent ones in the order of a list (<see cref="RecordOrder"/>), an int64 before the same float64.</param>
/// <param name="Total">How many values there are, those that the limit left out counted too.</param>
public sealed record DistinctValues(IReadOnlyList<ValueCount> Values, int Total);

/// <summary>A value of a field.</summary>
/// <param name="Value">A scalar: an array stands for its elements.</param>
/// <param name="Count">Records that have it; one that has it twice in an array counts once.</param>
public sealed record ValueCount(FieldValue Value, ulong Count);
