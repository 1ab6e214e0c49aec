namespace Valori.VectorData.Tests.Equivalence;

/// <summary>How a property holds values of a data type. A string may be null in its plain form, and has no other one.</summary>
internal enum PropertyForm
{
    Plain,
    Nullable,
    Array,
    List,
}
