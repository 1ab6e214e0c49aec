
namespace Valori.VectorData.Filters;

/// <summary>Conditions joined, where null is the one that no record matches: a filter of the kernel cannot be that.</summary>
internal static class Conditions
{
    public static Filter? Constant(bool value) => value ? Filter.All : null;

    public static Filter? And(Filter? left, Filter? right) => left is null || right is null ? null : Filter.And([left, right]);

    public static Filter? Or(Filter? left, Filter? right) => left is null ? right : right is null ? left : Filter.Or([left, right]);

    public static Filter? Not(Filter? condition) => condition is null ? Filter.All : condition.Equals(Filter.All) ? null : !condition;
}
