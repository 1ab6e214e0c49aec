namespace Valori.Host.Json;

/// <summary>
/// The large fields of a body, read as they arrived. The JSON that remains has an empty array in the place of each. Null
/// if the body does not have the field as an array.
/// </summary>
/// <param name="Records">Those of <c>records</c>, or of <c>chunks</c>.</param>
/// <param name="Commands">What was read of each command of a transaction.</param>
internal sealed record BodyArrays(float[]? Vector, IReadOnlyList<ReadOnlyMemory<float>>? Vectors, ulong[]? Tags, IReadOnlyList<NewRecord>? Records,
    IReadOnlyList<object>? Commands);
