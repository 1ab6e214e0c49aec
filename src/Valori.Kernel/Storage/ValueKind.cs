namespace Valori.Kernel.Storage;

/// <summary>What kind of value a row has in a <see cref="FieldColumn"/>: values of one kind are ordered by their keys.</summary>
internal enum ValueKind : byte
{
    /// <summary>The row does not have the field.</summary>
    None,
    Bool,
    Whole,
    Real,
    Text,
    Time,

    /// <summary>An array, which has no key.</summary>
    Array,
}
