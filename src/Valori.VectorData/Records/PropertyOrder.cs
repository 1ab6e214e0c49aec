using Valori.VectorData.Values;

namespace Valori.VectorData.Records;

/// <summary>An order of a list, by the key or a data property.</summary>
/// <param name="Name">The storage name of the property.</param>
internal sealed record PropertyOrder(Operand Operand, string Name, ValueCodec Codec, bool IsAscending);
