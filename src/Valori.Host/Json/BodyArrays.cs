using Valori.Actors;

namespace Valori.Host.Json;

/// <summary>
/// The large fields of a body, read as they arrived. The JSON that remains has an empty array in the place of each. Null
/// if the body does not have the field as an array.
/// </summary>
internal sealed record BodyArrays(float[]? Vector, IReadOnlyList<ReadOnlyMemory<float>>? Vectors, ulong[]? Tags, IReadOnlyList<NewRecord>? Records);
