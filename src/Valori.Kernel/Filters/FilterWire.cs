using Valori.Kernel.Wire;

namespace Valori.Kernel.Filters;

/// <summary>Filters as fields of messages.</summary>
internal static class FilterWire
{
    /// <summary>A filter, which must be there: nothing is taken for all records because it was left out.</summary>
    /// <exception cref="FormatException">It is missing, or the bytes are not the canonical form of a filter.</exception>
    public static Filter Filter(this ref WireReader reader, int number) =>
        Valori.Filter.Read((reader.OptionalBytes(number) ?? throw new FormatException($"field {number} is missing")).Span);

    public static void Filter(this ref WireWriter writer, int number, Filter filter) => writer.SetBytes(number, filter.Canonical.Span);
}
